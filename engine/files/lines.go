package files

import (
	"bytes"
	"errors"
	"os"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/jsonl"
	"qgen-sidecar/internal/jsonvalue"
)

// ReadLines calls fn with every line that is not blank; its error becomes a
// *FileError with the line's number, as does what no host could read
// (jsonvalue.Unsound).
func ReadLines(path string, fn func(line []byte) error) error {
	return EachLine(path, sound(fn), false)
}

// sound has fn shown only what hosts can read.
func sound(fn func(line []byte) error) func(line []byte) error {
	return func(line []byte) error {
		if _, found := jsonvalue.Unsound(line, jsonvalue.MaxDepth); found != "" {
			return errors.New("found " + found)
		}
		return fn(line)
	}
}

// ReadLog is ReadLines of a file that we append to: half a line at its end was
// never acknowledged, and is passed over.
func ReadLog(path string, fn func(line []byte) error) error { return EachLine(path, sound(fn), true) }

// EachLine calls fn with every line that is not blank, whatever its bytes; with
// appended, half a line at the end is passed over.
func EachLine(path string, fn func(line []byte) error, appended bool) error {
	f, err := os.Open(path)
	if err != nil {
		return &api.FileError{Path: path, Reason: "cannot be read: " + Reason(err)}
	}
	defer f.Close()
	read := func(number int, line []byte) error {
		bad := fn(line)
		var own *api.FileError
		if bad != nil && errors.As(bad, &own) && own.Line == 0 {
			own.Line = number
		}
		if bad == nil || own != nil {
			return bad
		}
		return &api.FileError{Path: path, Line: number, Reason: bad.Error()}
	}
	end, err := jsonl.Scan(f, read)
	if rest := bytes.TrimSpace(end.Rest); err == nil && len(rest) > 0 && (!appended || jsonl.Whole(rest)) {
		return read(end.Lines+1, rest)
	}
	var own *api.FileError
	if err == nil || errors.As(err, &own) {
		return err
	}
	return &api.FileError{Path: path, Reason: "cannot be read: " + Reason(err)}
}
