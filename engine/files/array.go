package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonvalue"
)

// Entry is one element of a JSON array file, with the line it starts at.
type Entry struct {
	Raw  json.RawMessage
	Line int
}

// ReadArray reads a file that is one JSON array. Every fault is a *FileError
// with the line of the fault.
func ReadArray(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &api.FileError{Path: path, Reason: "cannot be read: " + Reason(err), Err: err}
	}
	if at, found := jsonvalue.Unsound(data, jsonvalue.MaxDepth); found != "" {
		return nil, &api.FileError{Path: path, Line: lineAt(data, int64(at)), Reason: "found " + found}
	}
	entries, line, reason := ParseArray(data)
	if reason != "" {
		return nil, &api.FileError{Path: path, Line: line, Reason: reason}
	}
	return entries, nil
}

// ParseArray reads a JSON array; a fault is the line and what was expected there, a
// reason "" none.
func ParseArray(data []byte) (entries []Entry, line int, reason string) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		if err != nil && err != io.EOF {
			line, reason := syntaxFault(data, dec, err)
			return nil, line, reason
		}
		return nil, 1, "expected a JSON array, found " + tokenKind(t, err)
	}
	at, counted := 1, int64(0) // the line of data[counted]
	for dec.More() {
		start := entryStart(data, dec.InputOffset())
		at += bytes.Count(data[counted:start], []byte("\n"))
		counted = start
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			line, reason := syntaxFault(data, dec, err)
			return nil, line, reason
		}
		entries = append(entries, Entry{raw, at})
	}
	if _, err := dec.Token(); err != nil {
		line, reason := syntaxFault(data, dec, err)
		return nil, line, reason
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, lineAt(data, dec.InputOffset()), "expected the end of the file after the array"
	}
	return entries, 0, ""
}

// entryStart skips what may stand between two entries.
func entryStart(data []byte, offset int64) int64 {
	for offset < int64(len(data)) && bytes.IndexByte([]byte(" \t\r\n,"), data[offset]) >= 0 {
		offset++
	}
	return offset
}

func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
}

func syntaxFault(data []byte, dec *json.Decoder, err error) (line int, reason string) {
	offset := dec.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = max(offset, syntax.Offset)
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return lineAt(data, int64(len(data))), "expected the end of the array, found the end of the file"
	}
	return lineAt(data, offset), "expected JSON: " + jsonvalue.Fault(err)
}

func tokenKind(t json.Token, err error) string {
	if err == io.EOF {
		return "nothing"
	}
	if d, ok := t.(json.Delim); ok && d == '{' {
		return "an object"
	}
	return Kind(t)
}

// Kind names a decoded value's kind for an error.
func Kind(v any) string {
	switch t := v.(type) {
	case nil:
		return "nothing"
	case string:
		if t == "" {
			return "an empty text"
		}
		return fmt.Sprintf("the text %q", clip.Runes(t, 200))
	case bool:
		return fmt.Sprint(t)
	case float64, json.Number:
		return fmt.Sprintf("the number %v", t)
	case []any:
		return "an array"
	}
	return "an object"
}
