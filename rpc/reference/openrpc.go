package reference

import (
	"reflect"

	"qgen-sidecar/engine/api"
)

// OpenRPC is this service as an OpenRPC 1.3 document.
func OpenRPC() map[string]any {
	methods := []object{}
	for _, m := range api.Methods() {
		methods = append(methods, object{
			"name": m.Name, "summary": m.Doc, "paramStructure": "by-name",
			"params": openParams(m.Params),
			"result": object{"name": "result", "schema": resultSchema(m)},
		})
	}
	return object{
		"openrpc": "1.3.2",
		"info":    object{"title": "qgen-sidecar", "version": api.ProtocolVersion, "description": "JSON-RPC 2.0 over stdio; one host per process."},
		"methods": methods,
	}
}

func openParams(t reflect.Type) []object {
	out := []object{}
	for _, f := range api.Fields(t) {
		p := object{"name": f.Name, "required": f.Required, "schema": fieldSchema(f, fromHost)}
		if f.Doc != "" {
			p["description"] = f.Doc
		}
		out = append(out, p)
	}
	return out
}

func resultSchema(m api.Method) object {
	if m.Name == "shutdown" {
		return object{"type": "null"}
	}
	if m.Other != nil {
		return object{"oneOf": []object{schemaOf(m.Result, toHost), schemaOf(m.Other, toHost)}}
	}
	return schemaOf(m.Result, toHost)
}
