package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"qgen-sidecar/internal/jsonscan"
	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/internal/nearest"
)

// DecodeParams decodes a request's parameters into a struct, strictly: unknown
// names, wrong types and missing required ones are *ParamError. Absent
// parameters are an empty object; positional ones are refused.
func DecodeParams(raw []byte, into any) error {
	if len(raw) == 0 || string(raw) == "null" {
		raw = []byte("{}")
	}
	if raw[0] != '{' {
		return &ParamError{Param: "params", Expected: "an object with named parameters", Found: jsonvalue.Kind(raw)}
	}
	if err := checkStruct("", raw, reflect.TypeOf(into).Elem()); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // a payload may hold 64-bit ids, which are no floats
	if err := dec.Decode(into); err != nil {
		return paramError("params", raw, reflect.TypeOf(into).Elem(), err)
	}
	return nil
}

// checkStruct checks an object against a struct type. Null is as good as
// absent for what is optional.
func checkStruct(path string, raw []byte, t reflect.Type) error {
	fields := Fields(t)
	seen := map[string]bool{}
	var fault error
	jsonscan.Members(raw, func(key string, value []byte) {
		if fault != nil {
			return
		}
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == key })
		if i < 0 {
			fault = unknownParam(join(path, key), key, fields)
			return
		}
		f := fields[i]
		seen[key] = true
		if jsonvalue.Kind(value) == "null" && !f.Required {
			return
		}
		fault = checkValue(join(path, key), value, f.Type)
	})
	for _, f := range fields {
		if fault == nil && f.Required && !seen[f.Name] {
			fault = &ParamError{Param: join(path, f.Name), Expected: expected(f.Type), Found: "nothing"}
		}
	}
	return fault
}

func unknownParam(path, name string, fields []Field) error {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	want := "one of " + strings.Join(names, ", ")
	if near := nearest.Of(name, names); near != "" {
		want = "a known parameter (did you mean " + near + "?)"
	} else if len(names) == 0 {
		want = "no parameters"
	}
	return &ParamError{Param: path, Expected: want, Found: "an unknown name"}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// checkValue checks one value; types that decode themselves are asked.
func checkValue(path string, raw []byte, t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		if jsonvalue.Kind(raw) == "null" {
			return nil
		}
		return checkValue(path, raw, t.Elem())
	}
	switch {
	case DecodesItself(t):
	case t.Kind() == reflect.Struct && jsonvalue.Kind(raw) == "an object":
		return checkStruct(path, raw, t)
	case t.Kind() == reflect.Slice && jsonvalue.Kind(raw) == "an array" && !scalar(t.Elem()):
		for i, e := range jsonscan.Elements(raw, len(raw)) {
			if err := checkValue(fmt.Sprintf("%s[%d]", path, i), e, t.Elem()); err != nil {
				return err
			}
		}
		return nil
	case jsonvalue.Kind(raw) == "null":
		return &ParamError{Param: path, Expected: expected(t), Found: "null"}
	}
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		return paramError(path, raw, t, err)
	}
	return nil
}

// scalar: an array of these is decoded in one go (vectors are long).
func scalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

// paramError keeps a type's own complaint and words the others.
func paramError(path string, raw []byte, t reflect.Type, err error) error {
	var own *ParamError
	if errors.As(err, &own) {
		return own
	}
	return &ParamError{Param: path, Expected: expected(t), Found: Brief(raw)}
}

// expected names a Go type in a caller's words.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return expected(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint64:
		return "a whole number of at least 0"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "an array, each " + expected(t.Elem())
	case reflect.Map:
		return "an object"
	}
	if s, ok := ShapeOf(t); ok {
		return s.Words
	}
	return "an object"
}

// Brief shows a value in an error without repeating a chunk of text.
func Brief(raw []byte) string {
	if len(raw) > 60 {
		return jsonvalue.Kind(raw) + " (" + strings.ToValidUTF8(string(raw[:50]), "") + "…)"
	}
	return string(raw)
}
