package compile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/program"
)

// What compile writes, and how these files are known again.
var (
	kindProgram = outputs.Kind{Name: ProgramKind, Check: checkProgram}
	kindRun     = outputs.Kind{Name: RunKind, Check: checkRun}
)

// The kinds' names.
const (
	ProgramKind = "a program, as compile writes it"
	RunKind     = "a run file, as compile writes it"
)

func checkProgram(f io.Reader) (int, string, error) {
	data, err := io.ReadAll(io.LimitReader(f, 64<<20))
	if err != nil {
		return 0, "", err
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &keys) == nil {
		for key := range keys {
			if !slices.Contains([]string{"analyzer", "generator", "metadata"}, key) {
				return 0, "a program with more than that (" + key + ")", nil
			}
		}
	}
	_, err = program.Parse(data, program.Options{})
	var bad *program.FileError
	if errors.As(err, &bad) {
		return bad.Line, "something else (" + bad.Why() + ")", nil
	}
	return 0, "", err
}

func checkRun(f io.Reader) (int, string, error) {
	var run struct {
		CreatedAt *string `json:"created_at"`
		Program   *struct {
			Hash *string `json:"hash"`
		} `json:"program"`
		Entries *[]json.RawMessage `json:"entries"`
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return 0, "", err
	}
	if json.Unmarshal(data, &run) != nil || run.CreatedAt == nil || run.Program == nil || run.Program.Hash == nil || run.Entries == nil {
		return 0, "something else", nil
	}
	return 0, "", nil
}
