package config

import (
	"fmt"
	"math"
	"reflect"
	"sort"

	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonvalue"
)

// decodeTree fills the struct that out points to from a tree of maps, slices
// and scalars as TOML and JSON give them. The first fault is returned as an
// *Error with the dotted key.
func decodeTree(tree map[string]any, out any) error {
	return decodeStruct(tree, reflect.ValueOf(out).Elem(), "")
}

func decodeStruct(tree map[string]any, out reflect.Value, at string) error {
	fields := fieldsByKey(out.Type())
	for _, key := range sortedKeys(tree) {
		index, known := fields[key]
		if !known {
			return unknownKey(at, key, fields)
		}
		if err := decodeValue(tree[key], out.Field(index), join(at, key)); err != nil {
			return err
		}
	}
	return nil
}

func decodeValue(v any, out reflect.Value, at string) error {
	switch out.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(out.Type().Elem())
		if err := decodeValue(v, fresh.Elem(), at); err != nil {
			return err
		}
		out.Set(fresh)
		return nil
	case reflect.Struct:
		table, ok := v.(map[string]any)
		if !ok {
			return wrongType(at, "a table", v)
		}
		return decodeStruct(table, out, at)
	case reflect.Slice:
		return decodeSlice(v, out, at)
	case reflect.Map:
		return decodeMap(v, out, at)
	}
	return decodeScalar(v, out, at)
}

func decodeSlice(v any, out reflect.Value, at string) error {
	items, ok := v.([]any)
	if !ok {
		return wrongType(at, "an array", v)
	}
	s := reflect.MakeSlice(out.Type(), len(items), len(items))
	for i, item := range items {
		if err := decodeValue(item, s.Index(i), fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	out.Set(s)
	return nil
}

func decodeMap(v any, out reflect.Value, at string) error {
	table, ok := v.(map[string]any)
	if !ok {
		return wrongType(at, "a table", v)
	}
	m := reflect.MakeMapWithSize(out.Type(), len(table))
	for _, key := range sortedKeys(table) {
		item := reflect.New(out.Type().Elem()).Elem()
		if err := decodeValue(table[key], item, join(at, key)); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key), item)
	}
	out.Set(m)
	return nil
}

func decodeScalar(v any, out reflect.Value, at string) error {
	v = jsonvalue.Number(v)
	switch out.Kind() {
	case reflect.Interface: // a payload constant
		return decodeConstant(v, out, at)
	case reflect.String:
		if s, ok := v.(string); ok {
			out.SetString(s)
			return nil
		}
		return wrongType(at, "a string", v)
	case reflect.Bool:
		if b, ok := v.(bool); ok {
			out.SetBool(b)
			return nil
		}
		return wrongType(at, "true or false", v)
	case reflect.Int:
		if n, ok := whole(v); ok {
			out.SetInt(n)
			return nil
		}
		return wrongType(at, "a whole number", v)
	case reflect.Float64:
		if f, ok := float(v); ok {
			out.SetFloat(f)
			return nil
		}
		return wrongType(at, "a number", v)
	}
	panic("config: a field of kind " + out.Kind().String() + " has no decoder")
}

// decodeConstant takes what a Qdrant payload can hold. TOML's dates are not
// among it: their text form is the application's choice.
func decodeConstant(v any, out reflect.Value, at string) error {
	switch v.(type) {
	case nil:
		return nil
	case string, bool, int64, float64, []any, map[string]any:
		out.Set(reflect.ValueOf(jsonvalue.Map(v, jsonvalue.Number)))
		return nil
	}
	return wrongType(at, "a string, number, boolean, array or table (write a date as a string)", v)
}

func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case float64:
		return int64(n), n == math.Trunc(n) && math.Abs(n) < 1<<53
	}
	return 0, false
}

func float(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return 0, false
}

func wrongType(at, expected string, v any) error {
	return &Error{Key: at, Reason: fmt.Sprintf("expected %s, found %s", expected, describe(v))}
}

// describe shows scalars and only names the kind of the rest: a table may hold
// what should not be repeated in a log.
func describe(v any) string {
	switch t := jsonvalue.Number(v).(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the string %q", clip.Runes(t, 60))
	case bool:
		return fmt.Sprintf("%t", t)
	case int64, float64:
		return fmt.Sprintf("%v", t)
	case []any:
		return "an array"
	case map[string]any:
		return "a table"
	default:
		return fmt.Sprintf("a %T", t)
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// fieldsByKey maps a struct's TOML keys to field numbers.
func fieldsByKey(t reflect.Type) map[string]int {
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("toml"); key != "" && key != "-" {
			fields[key] = i
		}
	}
	return fields
}
