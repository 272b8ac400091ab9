package rpc

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// discover answers rpc.discover. The document never changes, so it is made once.
func discover(*session, *call, empty) (any, error) { return openRPC() }

var openRPC = sync.OnceValues(func() (json.RawMessage, error) { return encode(describeService()) })

// describeService is this service as an OpenRPC 1.3 document, made from the Go
// types of the method table.
func describeService() object {
	methods := make([]object, 0, len(table))
	for _, m := range table {
		methods = append(methods, object{
			"name": m.Name, "summary": m.Doc, "paramStructure": "by-name",
			"params": openParams(m.Params),
			"result": object{"name": "result", "schema": resultSchema(m)},
		})
	}
	return object{
		"openrpc": "1.3.2",
		"info":    object{"title": "qgen-sidecar", "version": ProtocolVersion, "description": "JSON-RPC 2.0 over stdio; one host per process."},
		"methods": methods,
	}
}

func openParams(t reflect.Type) []object {
	out := []object{}
	for _, f := range Fields(t) {
		p := object{"name": f.Name, "required": f.Required, "schema": schemaOf(f.Type)}
		if f.Doc != "" {
			p["description"] = f.Doc
		}
		out = append(out, p)
	}
	return out
}

func resultSchema(m Method) object {
	if m.Name == "shutdown" {
		return object{"type": "null"}
	}
	if m.Other != nil {
		return object{"oneOf": []object{schemaOf(m.Result), schemaOf(m.Other)}}
	}
	return schemaOf(m.Result)
}

// schemaOf is a type's JSON Schema. Types do not recurse here.
func schemaOf(t reflect.Type) object {
	if s, ok := ownShapes[t]; ok {
		return s.schema
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(schemaOf(t.Elem()))
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	}
	return object{} // any
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range Fields(t) {
		s := schemaOf(f.Type)
		if f.Doc != "" {
			s = withDoc(s, f.Doc)
		}
		properties[f.Name] = s
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required}
}

func withDoc(s object, doc string) object {
	out := object{"description": doc}
	for k, v := range s {
		out[k] = v
	}
	return out
}

func nullable(s object) object {
	kind, ok := s["type"].(string)
	if !ok {
		return s
	}
	out := object{}
	for k, v := range s {
		out[k] = v
	}
	out["type"] = []string{kind, "null"}
	return out
}

// typeWords is a type in the reference's words.
func typeWords(t reflect.Type) string {
	if s, ok := ownShapes[t]; ok {
		return s.words
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeWords(t.Elem())
	case reflect.Slice, reflect.Array:
		return "[" + typeWords(t.Elem()) + "]"
	case reflect.Map:
		return "{name: " + typeWords(t.Elem()) + "}"
	case reflect.Interface:
		return "any"
	case reflect.Struct:
		names := []string{}
		for _, f := range Fields(t) {
			names = append(names, f.Name)
		}
		return "{" + strings.Join(names, ", ") + "}"
	}
	kind, _ := json.Marshal(schemaOf(t)["type"])
	return strings.Trim(string(kind), `"`)
}
