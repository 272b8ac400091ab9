package program

import (
	"bytes"
	"encoding/json"

	"qgen-sidecar/engine/program/jsontext"
)

// Demo is one demonstration: DSPy keeps a JSON object per demonstration, whose
// key order and unknown keys survive load and save. Values never change once
// made, so copies share them.
type Demo struct{ d *demo }

type demo struct {
	keys   []string
	values map[string]json.RawMessage // canonical
	texts  map[string]string          // of the values that are not null, as Text has them
}

// NewDemo keeps keys in the order given: name, value, name, value …
// An augmented demo is one that a teacher made; DSPy marks it with a first key.
func NewDemo(augmented bool, pairs ...string) Demo {
	d := &demo{values: map[string]json.RawMessage{}, texts: map[string]string{}}
	if augmented {
		d.set("augmented", json.RawMessage("true"))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		d.set(pairs[i], jsontext.AppendString(nil, pairs[i+1]))
	}
	return Demo{d}
}

func (d *demo) set(key string, value json.RawMessage) {
	if _, have := d.values[key]; !have {
		d.keys = append(d.keys, key)
	}
	d.values[key] = value
	d.read(key)
}

// read makes the text of a value once: every prompt and every check asks for it.
func (d *demo) read(key string) {
	if raw := d.values[key]; string(raw) != "null" {
		d.texts[key] = jsontext.Text(raw)
	}
}

// Text is a demo's field as text, and whether it is there (and not null).
// Whatever is no string reads as its JSON.
func (d Demo) Text(field string) (string, bool) {
	if d.d == nil {
		return "", false
	}
	text, ok := d.d.texts[field]
	return text, ok
}

// Augmented reports whether a teacher made the demo.
func (d Demo) Augmented() bool { return d.d != nil && string(d.d.values["augmented"]) == "true" }

// Complete reports whether every field of s is there; Usable whether at least
// one input and one output field are. Unusable demos are not shown. (DSPy takes
// a null for a given field there and shows the word None; here null is absent.)
func (d Demo) Complete(s Signature) bool {
	return d.count(s.Inputs) == len(s.Inputs) && d.count(s.Outputs) == len(s.Outputs)
}

func (d Demo) Usable(s Signature) bool { return d.count(s.Inputs) > 0 && d.count(s.Outputs) > 0 }

func (d Demo) count(fields []Field) int {
	n := 0
	for _, f := range fields {
		if _, ok := d.Text(f.Name); ok {
			n++
		}
	}
	return n
}

// Equal reports whether both hold the same keys with the same values, in any
// order: the rule by which DSPy takes the example at hand out of a teacher's
// demonstrations.
func (d Demo) Equal(e Demo) bool {
	if d.d == e.d {
		return true
	}
	if d.d == nil || e.d == nil || len(d.d.values) != len(e.d.values) {
		return false
	}
	for k, v := range d.d.values {
		if w, ok := e.d.values[k]; !ok || !bytes.Equal(v, w) {
			return false
		}
	}
	return true
}

// MarshalJSON keeps the key order.
func (d Demo) MarshalJSON() ([]byte, error) {
	if d.d == nil {
		return []byte("{}"), nil
	}
	return jsontext.WriteObject(d.d.keys, d.d.values), nil
}

// UnmarshalJSON takes an object with any keys and values.
func (d *Demo) UnmarshalJSON(data []byte) error {
	keys, values, err := jsontext.Object(data)
	if err != nil {
		return err
	}
	made := &demo{keys: keys, values: values, texts: map[string]string{}}
	for _, key := range keys {
		made.read(key)
	}
	d.d = made
	return nil
}
