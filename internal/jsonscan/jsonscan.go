// Package jsonscan looks at JSON text without decoding it: Scan says whether it is
// one value that may be looked into, Members and Elements are its parts, as slices of
// the text itself. A large message is so taken apart without a copy.
package jsonscan

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"qgen-sidecar/internal/jsonvalue"
)

// MaxDepth is how deep a value may nest.
const MaxDepth = 1000

// Scan checks that msg is one JSON value in UTF-8, nested at most MaxDepth deep.
func Scan(msg []byte) error {
	if !utf8.Valid(msg) {
		return errors.New("the message is not valid UTF-8")
	}
	if deeper(msg, MaxDepth) {
		return fmt.Errorf("the message is nested deeper than %d", MaxDepth)
	}
	if json.Valid(msg) {
		return nil
	}
	var v json.RawMessage
	if err := json.Unmarshal(msg, &v); err != nil {
		return errors.New("the message is not JSON: " + jsonvalue.Fault(err))
	}
	return errors.New("the message is not JSON")
}

// deeper counts brackets outside strings, before any parser recurses.
func deeper(msg []byte, limit int) bool {
	depth := 0
	for i := 0; i < len(msg); i++ {
		switch msg[i] {
		case '"':
			i = jsonvalue.AfterString(msg, i) - 1
		case '{', '[':
			if depth++; depth > limit {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// Members calls fn with each member of a JSON object that Scan accepted, in
// order. key is decoded; value is a slice of object.
func Members(object []byte, fn func(key string, value []byte)) {
	i := skipSpace(object, 0) + 1
	for {
		i = skipSpace(object, i)
		if i >= len(object) || object[i] == '}' {
			return
		}
		end := jsonvalue.AfterString(object, i)
		key := unquote(object[i:end])
		i = skipSpace(object, skipSpace(object, end)+1) // over the colon
		end = skipValue(object, i)
		fn(key, object[i:end:end])
		i = skipSpace(object, end)
		if i < len(object) && object[i] == ',' {
			i++
		}
	}
}

// Elements returns the elements of a JSON array that Scan accepted, but at
// most limit+1 of them.
func Elements(array []byte, limit int) [][]byte {
	var out [][]byte
	i := skipSpace(array, 0) + 1
	for len(out) <= limit {
		i = skipSpace(array, i)
		if i >= len(array) || array[i] == ']' {
			break
		}
		end := skipValue(array, i)
		out = append(out, array[i:end:end])
		i = skipSpace(array, end)
		if i < len(array) && array[i] == ',' {
			i++
		}
	}
	return out
}

func unquote(quoted []byte) string {
	for _, b := range quoted {
		if b == '\\' {
			var s string
			_ = json.Unmarshal(quoted, &s)
			return s
		}
	}
	return string(quoted[1 : len(quoted)-1])
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && blank(b[i]) {
		i++
	}
	return i
}

// skipValue returns the index after the value that starts at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = jsonvalue.AfterString(b, i); depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }
