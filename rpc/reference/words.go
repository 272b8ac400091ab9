package reference

import (
	"encoding/json"
	"reflect"
	"strings"

	"qgen-sidecar/engine/api"
)

// fieldWords is a field's type in the reference's words.
func fieldWords(f api.Field) string {
	leaf := ""
	switch f.Shape {
	case api.ShapePath:
		leaf = "path"
	case api.ShapeObject:
		leaf = "object"
	case api.ShapeID:
		leaf = "string or integer"
	case api.ShapeText:
		leaf = "string or null"
	}
	if t, ok := api.Documented(f.Shape); ok {
		leaf = typeWords(t)
	}
	if f.Enum != "" {
		leaf = link(f.Enum)
	}
	if leaf == "" {
		return typeWords(f.Type)
	}
	return strings.Repeat("list of ", lists(f.Type)) + leaf
}

// lists is how many lists deep a type is.
func lists(t reflect.Type) int {
	n := 0
	for ; t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer; t = t.Elem() {
		if t == reflect.TypeFor[json.RawMessage]() {
			break
		}
		if t.Kind() == reflect.Slice {
			n++
		}
	}
	return n
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
		if t.Elem().Kind() == reflect.Interface {
			return "object"
		}
		return "{name: " + typeWords(t.Elem()) + "}"
	case reflect.Interface:
		return "any"
	case reflect.Struct:
		return link(t.Name())
	}
	kind, _ := json.Marshal(schemaOf(t, toHost)["type"])
	return strings.Trim(string(kind), `"`)
}

// link leads to the table of a name.
func link(name string) string { return "[" + name + "](#" + strings.ToLower(name) + ")" }
