// Package jsonvalue looks at JSON values of any shape: what messages say of a
// raw one, an object's members in their order, and the numbers within a decoded
// one.
package jsonvalue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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

// Member is one key of an object with its value as it is spelled.
type Member struct {
	Key string
	Raw json.RawMessage
}

// ErrNoObject is the error of Members for a value of another kind.
var ErrNoObject = errors.New("not an object")

// Members are an object's members in order. Of a key given twice the last value
// counts, at the place of the first, as in Python. What follows the object is
// not looked at.
func Members(raw []byte) ([]Member, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	switch open, err := d.Token(); {
	case err != nil:
		return nil, err
	case open != json.Delim('{'):
		return nil, ErrNoObject
	}
	members := []Member{}
	place := map[string]int{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := Member{Key: key.(string)}
		if err := d.Decode(&m.Raw); err != nil {
			return nil, fmt.Errorf("at key %q: %w", m.Key, err)
		}
		if i, known := place[m.Key]; known {
			members[i] = m
			continue
		}
		place[m.Key] = len(members)
		members = append(members, m)
	}
	_, err := d.Token()
	return members, err
}

// Number makes an int64 of a json.Number spelled as one, a uint64 where that is too
// small, a float64 of any other; what is no json.Number stays.
func Number(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(n.String(), 10, 64); err == nil {
		return u
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
