package reference

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
)

type object = map[string]any

// direction is whose words a schema describes.
type direction bool

const (
	fromHost direction = false // parameters: null is as good as absent
	toHost   direction = true  // results: what is optional is left out, never null
)

// fieldSchema is the schema of a member, which may be null or not.
func fieldSchema(f api.Field, d direction) object {
	s := schemaOf(f.Type, d)
	if mayBeNull(f, d) {
		return nullable(s)
	}
	return s
}

// mayBeNull: may the member be there and be null?
func mayBeNull(f api.Field, d direction) bool {
	if d == fromHost {
		return !f.Required
	}
	return f.Required && f.Type.Kind() == reflect.Pointer
}

// schemaOf is a type's JSON Schema. Types do not recurse here.
func schemaOf(t reflect.Type, d direction) object {
	if s, ok := api.ShapeOf(t); ok {
		return s.Schema
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
	for _, f := range api.Fields(t) {
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
	if s, ok := api.ShapeOf(t); ok {
		return s.Words
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeWords(t.Elem())
	case reflect.Slice, reflect.Array:
		return "list of " + typeWords(t.Elem())
	case reflect.Map:
		return "{name: " + typeWords(t.Elem()) + "}"
	case reflect.Interface:
		return "any"
	case reflect.Struct:
		if named(t) {
			return "[" + t.Name() + "](#" + strings.ToLower(t.Name()) + ")"
		}
		names := []string{}
		for _, f := range api.Fields(t) {
			names = append(names, f.Name)
		}
		return "{" + strings.Join(names, ", ") + "}"
	}
	kind, _ := json.Marshal(schemaOf(t, toHost)["type"])
	return strings.Trim(string(kind), `"`)
}
