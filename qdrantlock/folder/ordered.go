package folder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"qgen-sidecar/internal/jsonvalue"
)

// object is a JSON object with its members in the order of the file and each
// value's text as found, so that a rewrite changes what was asked and no more.
type object []jsonvalue.Member

func parseObject(raw []byte) (object, error) {
	members, err := jsonvalue.Members(raw)
	switch {
	case errors.Is(err, jsonvalue.ErrNoObject):
		return nil, fmt.Errorf("expected a JSON object, found %.40s", raw)
	case err != nil:
		return nil, errors.New("not valid JSON: " + jsonvalue.Fault(err))
	}
	return members, nil
}

func (o object) get(key string) (json.RawMessage, bool) {
	for _, m := range o {
		if m.Key == key {
			return m.Raw, true
		}
	}
	return nil, false
}

// set replaces a value in place, or appends it. The result is a copy.
func (o object) set(key string, raw json.RawMessage) object {
	changed := append(object(nil), o...)
	for i := range changed {
		if changed[i].Key == key {
			changed[i].Raw = raw
			return changed
		}
	}
	return append(changed, jsonvalue.Member{Key: key, Raw: raw})
}

// drop is a copy without key.
func (o object) drop(key string) object {
	kept := object{}
	for _, m := range o {
		if m.Key != key {
			kept = append(kept, m)
		}
	}
	return kept
}

// rebuild is the object that has the keys of to: those that stay keep their
// place, new ones follow by name. merge makes a value of the one that was there
// (nil: none) and the wanted one.
func rebuild[V any](found object, to map[string]V, merge func(old json.RawMessage, want V) json.RawMessage) object {
	next := object{}
	for _, m := range found {
		if want, stays := to[m.Key]; stays {
			next = append(next, jsonvalue.Member{Key: m.Key, Raw: merge(m.Raw, want)})
		}
	}
	for _, key := range sortedKeys(to) {
		if _, there := next.get(key); !there {
			next = append(next, jsonvalue.Member{Key: key, Raw: merge(nil, to[key])})
		}
	}
	return next
}

// text writes the object with Python's separators.
func (o object) text() json.RawMessage {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(out, jsonText(m.Key)...)
		out = append(out, ": "...)
		out = append(out, m.Raw...)
	}
	return append(out, '}')
}

// jsonText encodes a value in ASCII, as Python does by default: a client on
// Windows reads meta.json in the machine's own code page. Only values that came
// from JSON or from our own types get here.
func jsonText(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return json.RawMessage("null")
	}
	var out []byte
	for _, r := range string(bytes.TrimSpace(b.Bytes())) {
		switch {
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// parsePlain reads JSON into nil, bool, int64, float64, string, []any and
// map[string]any.
func parsePlain(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return jsonvalue.Map(v, jsonvalue.Number), nil
}
