package goldfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/internal/jsonvalue"
)

// Read reads a JSON array or JSON Lines, of gold entries, of Argilla's records or of
// pairs as sentence-transformers trains on; or CSV, where the file's name ends in .csv.
func Read(path string) ([]json.RawMessage, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &api.FileError{Path: path, Reason: "cannot be read: " + files.Reason(err), Err: err}
	}
	csv := strings.EqualFold(filepath.Ext(path), ".csv")
	at, found := jsonvalue.NotUTF8(data)
	if !csv && found == "" {
		at, found = jsonvalue.Unsound(data, jsonvalue.MaxDepth)
	}
	if found != "" {
		return nil, &api.FileError{Path: path, Line: 1 + bytes.Count(data[:at], []byte("\n")), Reason: "found " + found}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) > 0 && csv:
		return readCSV(path, data)
	case len(trimmed) == 0:
		return nil, &api.FileError{Path: path, Reason: "expected entries, found an empty file"}
	case trimmed[0] == '[':
		return readArray(path, trimmed)
	case trimmed[0] == '{':
		return readLines(path, data)
	}
	return nil, &api.FileError{Path: path, Line: 1, Reason: "expected a JSON array or JSON Lines of {\"chunk_text\", \"persona_description\", \"gold_question\"}, found something else; convert it first"}
}

func readArray(path string, data []byte) ([]json.RawMessage, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, &api.FileError{Path: path, Line: lineOf(data, err), Reason: "expected a JSON array: " + jsonvalue.Fault(err)}
	}
	for i := range raw {
		raw[i] = asGold(raw[i])
		r := raw[i]
		if reason := badEntry(r); reason != "" {
			return nil, &api.FileError{Path: path, Reason: fmt.Sprintf("entry %d: %s", i+1, reason)}
		}
	}
	return raw, nil
}

func readLines(path string, data []byte) ([]json.RawMessage, error) {
	var out []json.RawMessage
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		line = asGold(line)
		if reason := badEntry(line); reason != "" {
			return nil, &api.FileError{Path: path, Line: number, Reason: reason}
		}
		out = append(out, line)
	}
	return out, nil
}

func lineOf(data []byte, err error) int {
	if e, ok := err.(*json.SyntaxError); ok {
		return 1 + bytes.Count(data[:min(int(e.Offset), len(data))], []byte("\n"))
	}
	return 0
}
