package jsonvalue

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// Fault says what a decoder found, for people: what encoding/json says names Go's types
// and its own states. It is meant to follow "expected …: ". An error that is not a
// decoder's keeps its words.
func Fault(err error) string {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
		moment *time.ParseError
	)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return endsEarly
	case errors.As(err, &syntax):
		return syntaxFault(syntax.Error())
	case errors.As(err, &kind):
		return kindFault(kind)
	case errors.As(err, &moment):
		return fmt.Sprintf("found %.60s where a time such as 2026-03-04T05:06:07Z should be", moment.Value)
	case strings.HasPrefix(err.Error(), "json: "), strings.HasPrefix(err.Error(), "Time."):
		return "found a value of another kind than it should be"
	}
	return err.Error()
}

const endsEarly = "found its end too early"

// contexts are what encoding/json says after the character that it found.
var contexts = []struct{ said, means string }{
	{"looking for beginning of value", "where a value should begin"},
	{"looking for beginning of object key string", "where a key in double quotes should begin"},
	{"after object key:value pair", "where a comma or the object's end should be"},
	{"after object key", "where the colon after a key should be"},
	{"after array element", "where a comma or the array's end should be"},
	{"after top-level value", "after the end of the value"},
	{"in string literal", "inside a text, where it should be written as an escape such as \\n"},
	{"in string escape code", "after a backslash, where a letter such as n or u should be"},
	{"in \\u hexadecimal character escape", "where four hexadecimal digits should follow \\u"},
	{"in literal true", "where true should be"},
	{"in literal false", "where false should be"},
	{"in literal null", "where null should be"},
	{"numeric literal", "inside a number"},
}

func syntaxFault(said string) string {
	rest, ok := strings.CutPrefix(said, "invalid character ")
	if !ok {
		if strings.Contains(said, "max depth") {
			return "found arrays and objects nested too deep"
		}
		return endsEarly
	}
	at := strings.LastIndex(rest, "' ")
	for _, c := range contexts {
		if at > 0 && strings.Contains(rest[at:], c.said) {
			return "found " + rest[:at+1] + " " + c.means
		}
	}
	return "found something that is no JSON"
}

func kindFault(e *json.UnmarshalTypeError) string {
	found := map[string]string{"string": "a string", "bool": "true or false", "array": "an array", "object": "an object", "number": "a number"}[e.Value]
	if number, ok := strings.CutPrefix(e.Value, "number "); ok {
		found = "the number " + number
	}
	if found == "" {
		found = "a value"
	}
	where := "at the top"
	if e.Field != "" {
		where = fmt.Sprintf("under %q", e.Field)
	}
	return fmt.Sprintf("found %s %s, where %s should be", found, where, goKind(e.Type))
}

// goKind is a Go type in a reader's words.
func goKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return goKind(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number of at least 0"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	}
	return "an object"
}
