package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"qgen-sidecar/internal/jsonvalue"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r) // an invalid byte becomes U+FFFD
			i += n
			continue
		}
		b = appendByte(b, c)
		i++
	}
	return append(b, '"')
}

func appendByte(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	if c < 0x20 {
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
	return append(b, c)
}

// appendValue appends the decoder's next value without spaces and needless
// escapes; the order of keys and the spelling of numbers stay.
func appendValue(b []byte, dec *json.Decoder) ([]byte, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case json.Delim:
		return appendNested(b, dec, v)
	case string:
		return AppendString(b, v), nil
	case json.Number:
		return append(b, v.String()...), nil
	case bool:
		if v {
			return append(b, "true"...), nil
		}
		return append(b, "false"...), nil
	}
	return append(b, "null"...), nil
}

func appendNested(b []byte, dec *json.Decoder, open json.Delim) ([]byte, error) {
	b = append(b, byte(open))
	for first := true; dec.More(); first = false {
		if !first {
			b = append(b, ',')
		}
		var err error
		if open == '{' {
			if b, err = appendValue(b, dec); err != nil { // the key
				return nil, err
			}
			b = append(b, ':')
		}
		if b, err = appendValue(b, dec); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	return append(b, byte(open)+2), nil // '{'+2 is '}', '['+2 is ']'
}

// Object reads one JSON object: its keys in order, and the values canonical.
func Object(raw []byte) ([]string, map[string]json.RawMessage, error) {
	members, err := jsonvalue.Members(raw)
	if err != nil {
		if errors.Is(err, jsonvalue.ErrNoObject) {
			err = errors.New("expected an object, found " + jsonvalue.Kind(raw))
		}
		return nil, nil, err
	}
	keys := make([]string, len(members))
	values := make(map[string]json.RawMessage, len(members))
	for i, m := range members {
		keys[i] = m.Key
		dec := json.NewDecoder(bytes.NewReader(m.Raw))
		dec.UseNumber()
		if values[m.Key], err = appendValue(nil, dec); err != nil {
			return nil, nil, err
		}
	}
	return keys, values, nil
}

// WriteObject is an object of these keys, in this order. Values must be canonical.
func WriteObject(keys []string, values map[string]json.RawMessage) []byte {
	b := []byte{'{'}
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(AppendString(b, k), ':'), values[k]...)
	}
	return append(b, '}')
}

// Text is a string's text; whatever is no string reads as its JSON.
func Text(raw json.RawMessage) string {
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
