package outputs

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonl"
)

// Kind is what one method writes, and how its files are known again.
type Kind struct {
	Name string // "chunks, as fetch writes them"
	// Check says what else than the kind a file holds, in which line (0: none in
	// particular); found is "" when it is of the kind.
	Check func(f io.Reader) (line int, found string, err error)
	State bool // belongs into the folder .qgen
}

// Lines is a kind of files of JSON objects, one a line. not says why a line is none of
// them, "" when it is.
func Lines(name string, not func(line []byte) string) Kind {
	return Kind{Name: name, Check: func(f io.Reader) (line int, found string, err error) {
		foreign := errors.New("foreign")
		end, err := jsonl.Scan(f, func(number int, text []byte) error {
			if found = not(text); found != "" {
				line = number
				return foreign
			}
			return nil
		})
		switch {
		case errors.Is(err, foreign):
			return line, found, nil
		case err == nil && len(end.Rest) > 0:
			return end.Lines + 1, not(end.Rest), nil
		}
		return 0, "", err
	}}
}

// Whole is a kind that is judged by all of a file at once; found says what it is
// instead.
func Whole(name string, found func(data []byte) string) Kind {
	return Kind{Name: name, Check: func(f io.Reader) (int, string, error) {
		data, err := io.ReadAll(f)
		if err != nil {
			return 0, "", err
		}
		return 0, found(data), nil
	}}
}

// ByFirstLine judges a file by its first line; half a line may be the beginning
// of one.
func (k Kind) ByFirstLine(not func([]byte) string) Kind {
	k.Check = func(f io.Reader) (line int, found string, err error) {
		enough := errors.New("enough")
		end, err := jsonl.Scan(f, func(number int, text []byte) error {
			line, found = number, not(text)
			return enough
		})
		switch half := bytes.TrimSpace(end.Rest); {
		case errors.Is(err, enough):
			return line, found, nil
		case err == nil && jsonl.Whole(half):
			return end.Lines + 1, not(half), nil
		case err == nil && len(half) > 0 && !OurHalf(half):
			return end.Lines + 1, QuotedLine(half), nil
		}
		return 0, "", err
	}
	return k
}

// OurHalf is [jsonl.HalfOf] of the lines that begin with an id, as most here do.
func OurHalf(half []byte) bool { return jsonl.HalfOf(half, []byte(`{"id":`)) }

// QuotedLine is a line as messages show it.
func QuotedLine(line []byte) string { return fmt.Sprintf("%q", clip.Runes(string(line), 200)) }

// Foreign is the error of a file that holds something else than the kind.
func Foreign(path string, line int, kind Kind, found string) error {
	return &api.FileError{Path: path, Line: line, Reason: "expected an empty file or " + kind.Name + ", found " + found + ": it stays as it is; remove it, or name another file"}
}
