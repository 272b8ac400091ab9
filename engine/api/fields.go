package api

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Field is one JSON member of a struct type.
type Field struct {
	Name     string
	Type     reflect.Type
	Doc      string // of the `doc` tag
	Enum     string // of the `enum` tag: the name of a closed set (see Words)
	Shape    string // of the `shape` tag: what its JSON is, where Type does not say
	Required bool   // always there: its tag has neither omitempty nor omitzero
}

// Fields lists a struct's members as encoding/json sees them: embedded
// structs flattened, in order.
func Fields(t reflect.Type) []Field {
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		if f.Anonymous && !tagged {
			out = append(out, Fields(f.Type)...)
			continue
		}
		name, opts, _ := strings.Cut(tag, ",")
		if !f.IsExported() || tag == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		optional := strings.Contains(opts, "omitempty") || strings.Contains(opts, "omitzero")
		out = append(out, Field{Name: name, Type: f.Type, Doc: f.Tag.Get("doc"), Enum: f.Tag.Get("enum"), Shape: f.Tag.Get("shape"), Required: !optional})
	}
	return out
}

// Shape describes a type that decodes itself: in the words of errors and of the
// reference, and as JSON Schema.
type Shape struct {
	Words  string
	Schema map[string]any
}

// ShapeOf is the shape of a type that has one of its own: a method Shape beside its
// UnmarshalJSON.
func ShapeOf(t reflect.Type) (Shape, bool) {
	if t == reflect.TypeFor[json.RawMessage]() {
		return Shape{"any JSON", map[string]any{}}, true
	}
	if t.Kind() != reflect.Struct {
		return Shape{}, false
	}
	own, ok := reflect.Zero(t).Interface().(interface{ Shape() Shape })
	if !ok {
		return Shape{}, false
	}
	return own.Shape(), true
}

// DecodesItself says that t has a JSON shape of its own: what is given for it
// is one value, not the members of a struct.
func DecodesItself(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
}
