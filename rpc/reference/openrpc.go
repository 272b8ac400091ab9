package reference

import (
	"reflect"
	"strings"

	"qgen-sidecar/engine/api"
)

// OpenRPC is this service as an OpenRPC 1.3 document. What OpenRPC has no place for
// stands in members of its own: the calls to the host in x-callbacks, $/progress in
// x-notifications.
func OpenRPC(faults []Fault) map[string]any {
	methods := []object{}
	for _, m := range api.Methods() {
		methods = append(methods, object{
			"name": m.Name, "summary": m.Doc, "paramStructure": "by-name",
			"params": openParams(m.Params, fromHost),
			"result": object{"name": "result", "schema": resultSchema(m)},
		})
	}
	callbacks := []object{}
	for _, c := range api.Callbacks() {
		callbacks = append(callbacks, object{
			"name": c.Name, "summary": c.Doc, "paramStructure": "by-name",
			"params": openParams(c.Params, toHost),
			"result": object{"name": "result", "schema": schemaOf(c.Answer, answered)},
		})
	}
	return object{
		"openrpc": "1.3.2",
		"info":    object{"title": "qgen-sidecar", "version": api.ProtocolVersion, "description": "JSON-RPC 2.0 over stdio; one host per process."},
		"methods": methods,
		"components": object{
			"errors":  openErrors(faults),
			"schemas": openWords(),
		},
		"x-callbacks":     callbacks,
		"x-notifications": []object{{"name": "$/progress", "summary": "How far a call is that carried a progress_token.", "params": openParams(reflect.TypeFor[api.ProgressNote](), toHost)}},
	}
}

func openParams(t reflect.Type, d direction) []object {
	out := []object{}
	for _, f := range api.Fields(t) {
		p := object{"name": f.Name, "required": f.Required, "schema": fieldSchema(f, d)}
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
	if m.Result.Kind() == reflect.Interface {
		return object{"type": "object"}
	}
	if m.Other != nil {
		return object{"oneOf": []object{schemaOf(m.Result, toHost), schemaOf(m.Other, toHost)}}
	}
	return schemaOf(m.Result, toHost)
}

// openErrors are the errors by name. `data` is JSON Schema of the error's data, of
// which there may be several.
func openErrors(faults []Fault) members {
	out := members{}
	for _, f := range faults {
		e := object{"code": f.Code, "message": f.Meaning}
		var data []object
		for _, t := range f.Data {
			data = append(data, schemaOf(t, toHost))
		}
		switch {
		case len(data) == 1:
			e["data"] = data[0]
		case len(data) > 1:
			e["data"] = object{"anyOf": data}
		}
		out = append(out, member{f.Name, e})
	}
	return out
}

// openWords are the closed sets of words, by name.
func openWords() members {
	out := members{}
	for _, w := range api.AllWords() {
		out = append(out, member{w.Name, object{"type": "string", "title": w.Name, "description": strings.Join(w.Values, ", "), "enum": w.Values}})
	}
	return out
}
