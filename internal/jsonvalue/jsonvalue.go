// Package jsonvalue looks at JSON values of any shape: what messages say of a
// raw one, and the numbers within a decoded one.
package jsonvalue

import (
	"bytes"
	"encoding/json"
)

// Kind names the type of a raw value for messages: "an object", "a string",
// "null", … and "nothing" where there is none. The value need not be valid.
func Kind(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// Number makes an int64 of a json.Number spelled as one, a float64 of any other;
// what is no json.Number stays.
func Number(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, _ := n.Float64()
	return f
}

// Map applies leaf to all that is neither an array nor an object. Arrays and
// objects are copied; v stays as it is.
func Map(v any, leaf func(any) any) any {
	switch t := v.(type) {
	case []any:
		out := make([]any, len(t))
		for i, item := range t {
			out[i] = Map(item, leaf)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(t))
		for key, item := range t {
			out[key] = Map(item, leaf)
		}
		return out
	}
	return leaf(v)
}
