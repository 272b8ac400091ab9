package reference

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"qgen-sidecar/engine/api"
)

type object = map[string]any

// direction is whose words a schema describes.
type direction int

const (
	fromHost direction = iota // parameters: null is as good as absent, unknown members are refused
	toHost                    // results: what is optional is left out, never null
	answered                  // a host's answers: null is as good as absent, unknown members are passed over
)

// members is an object whose JSON keeps the order of its keys.
type members []member

type member struct {
	name  string
	value any
}

func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{one.name, one.value} {
			if j > 0 {
				b.WriteByte(':')
			}
			raw, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			b.Write(raw)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// fieldSchema is the schema of a member, which may be null or not.
func fieldSchema(f api.Field, d direction) object {
	s := schemaOf(f.Type, d)
	if leaf := leafSchema(f, d); leaf != nil {
		s = shaped(f.Type, leaf)
	}
	if mayBeNull(f, d) {
		s = nullable(s)
	}
	return s
}

// leafSchema is what a field's `enum` or `shape` tag says of its value, or of each
// element where it is a list; nil without such a tag.
func leafSchema(f api.Field, d direction) object {
	switch f.Shape {
	case api.ShapePath:
		return object{"type": "string", "format": "path"}
	case api.ShapeObject:
		return object{"type": "object"}
	case api.ShapeID:
		return object{"type": []string{"string", "integer"}}
	case api.ShapeText:
		return object{"type": []string{"string", "null"}}
	}
	if t, ok := api.Documented(f.Shape); ok {
		return structSchema(t, d)
	}
	if f.Enum != "" {
		return object{"type": "string", "title": f.Enum, "enum": api.WordsNamed(f.Enum)}
	}
	return nil
}

// shaped is the leaf, or a list of it where the type is one.
func shaped(t reflect.Type, leaf object) object {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice && t != reflect.TypeFor[json.RawMessage]() {
		return object{"type": "array", "items": shaped(t.Elem(), leaf)}
	}
	return leaf
}

// mayBeNull: may the member be there and be null?
func mayBeNull(f api.Field, d direction) bool {
	if d != toHost {
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
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem(), d)}
	case reflect.Array:
		return object{"type": "array", "items": schemaOf(t.Elem(), d), "minItems": t.Len(), "maxItems": t.Len()}
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
	properties, required := members{}, []string{}
	for _, f := range api.Fields(t) {
		s := fieldSchema(f, d)
		if f.Doc != "" {
			s = with(s, "description", f.Doc)
		}
		properties = append(properties, member{f.Name, s})
		if f.Required {
			required = append(required, f.Name)
		}
	}
	s := object{"type": "object", "properties": properties, "required": required}
	if named(t) {
		s["title"] = t.Name()
	}
	switch {
	case api.Open(t):
		s["additionalProperties"] = true
	case d == fromHost:
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
	out := s
	switch kind := s["type"].(type) {
	case string:
		out = with(s, "type", []string{kind, "null"})
	case []string:
		if !slices.Contains(kind, "null") {
			out = with(s, "type", append(slices.Clone(kind), "null"))
		}
	}
	if options, ok := s["oneOf"].([]object); ok {
		out = with(s, "oneOf", append(slices.Clone(options), object{"type": "null"}))
	}
	if values, ok := s["enum"].([]string); ok { // as JSON Schema reads it, null must be among them
		withNull := []any{}
		for _, v := range values {
			withNull = append(withNull, v)
		}
		out = with(out, "enum", append(withNull, nil))
	}
	return out // any: null is in it
}
