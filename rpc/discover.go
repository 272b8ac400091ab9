package rpc

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
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

// direction is whose words a schema describes.
type direction bool

const (
	fromHost direction = false // parameters: null is as good as absent
	toHost   direction = true  // results: what is optional is left out, never null
)

func openParams(t reflect.Type) []object {
	out := []object{}
	for _, f := range Fields(t) {
		p := object{"name": f.Name, "required": f.Required, "schema": fieldSchema(f, fromHost)}
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
		return object{"oneOf": []object{schemaOf(m.Result, toHost), schemaOf(m.Other, toHost)}}
	}
	return schemaOf(m.Result, toHost)
}

// fieldSchema is the schema of a member, which may be null or not.
func fieldSchema(f Field, d direction) object {
	s := schemaOf(f.Type, d)
	if f.nullable(d) {
		return nullable(s)
	}
	return s
}

// nullable: may the member be there and be null?
func (f Field) nullable(d direction) bool {
	if d == fromHost {
		return !f.Required
	}
	return f.Required && f.Type.Kind() == reflect.Pointer
}

// schemaOf is a type's JSON Schema. Types do not recurse here.
func schemaOf(t reflect.Type, d direction) object {
	if s, ok := ownShapes[t]; ok {
		return s.schema
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), d)
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": schemaOf(t.Elem(), d)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem(), d)}
	case reflect.Struct:
		return structSchema(t, d)
	}
	return object{} // any
}

// structSchema says of objects to the host only what they hold: a later
// version may add members, and hosts pass over those.
func structSchema(t reflect.Type, d direction) object {
	properties, required := object{}, []string{}
	for _, f := range Fields(t) {
		s := fieldSchema(f, d)
		if f.Doc != "" {
			s = with(s, "description", f.Doc)
		}
		properties[f.Name] = s
		if f.Required {
			required = append(required, f.Name)
		}
	}
	s := object{"type": "object", "properties": properties, "required": required}
	if d == fromHost {
		s["additionalProperties"] = false
	}
	return s
}

// with is s with one more member; s may be shared.
func with(s object, key string, value any) object {
	out := maps.Clone(s)
	out[key] = value
	return out
}

func nullable(s object) object {
	switch kind := s["type"].(type) {
	case string:
		return with(s, "type", []string{kind, "null"})
	case []string:
		if slices.Contains(kind, "null") {
			return s
		}
		return with(s, "type", append(slices.Clone(kind), "null"))
	}
	if options, ok := s["oneOf"].([]object); ok {
		return with(s, "oneOf", append(slices.Clone(options), object{"type": "null"}))
	}
	return s // any: null is in it
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
	kind, _ := json.Marshal(schemaOf(t, toHost)["type"])
	return strings.Trim(string(kind), `"`)
}
