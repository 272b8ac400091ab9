package jsonvalue

import (
	"bytes"
	"encoding/json"
)

// Marshal is JSON as a person would write it: <, > and & stay themselves.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Object is a JSON object whose keys keep the order they were set in: lines
// and entries that people read should not be sorted by the alphabet.
type Object struct {
	keys   []string
	values map[string]any
}

// NewObject has no keys.
func NewObject() *Object { return &Object{values: map[string]any{}} }

// Set gives a key its value; a key that is there keeps its place.
func (o *Object) Set(key string, value any) {
	if _, known := o.values[key]; !known {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// SetText leaves an empty text out.
func (o *Object) SetText(key, value string) {
	if value != "" {
		o.Set(key, value)
	}
}

// MarshalJSON writes the keys in the order in which they were set.
func (o *Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := Marshal(o.values[key])
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
