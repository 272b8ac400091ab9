package gold

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
)

// Read reads and checks a gold set. A bad entry is a [*api.FileError] with its line.
func Read(path string) ([]Entry, error) {
	entries, err := files.ReadArray(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &api.FileError{Path: path, Reason: "there is no gold set yet; " + howToGetOne, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, err
	}
	gold := make([]Entry, len(entries))
	for i, en := range entries {
		var reason string
		if gold[i], reason = Parse(en.Raw); reason != "" {
			return nil, &api.FileError{Path: path, Line: en.Line, Reason: fmt.Sprintf("entry %d: %s", i+1, reason)}
		}
	}
	return gold, nil
}

// howToGetOne is said wherever a gold set is needed and missing.
const howToGetOne = "pick questions with qgen-sidecar annotate, bring some along with qgen-sidecar gold import FILE, or add them from a program with gold-add"

// ReadSome is [Read] for those who need at least one entry.
func ReadSome(path string) ([]Entry, error) {
	entries, err := Read(path)
	if err == nil && len(entries) == 0 {
		err = &api.FileError{Path: path, Reason: "expected at least one entry, found an empty array; " + howToGetOne}
	}
	return entries, err
}

// write replaces the gold set atomically, entries as they came, indented
// so that people and diffs can read them.
func write(path string, gold []Entry) error {
	return files.Replace(path, func(w io.Writer) error {
		var b bytes.Buffer
		b.WriteByte('[')
		for i, g := range gold {
			if i > 0 {
				b.WriteByte(',')
			}
			if len(g.laid) == 0 {
				var one bytes.Buffer
				if err := json.Indent(&one, g.Raw, "  ", "  "); err != nil {
					return err
				}
				gold[i].laid = one.Bytes()
			}
			b.WriteString("\n  ")
			b.Write(gold[i].laid)
		}
		b.WriteString("\n]\n")
		_, err := w.Write(b.Bytes())
		return err
	})
}
