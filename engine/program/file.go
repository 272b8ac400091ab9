package program

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"qgen-sidecar/engine/program/jsontext"
	"qgen-sidecar/internal/fault"
	"qgen-sidecar/internal/jsonvalue"
)

// FileError: a saved program cannot be used; Path is the file, At the place
// inside it (analyzer.demos[3].query), Line where the text itself is at fault.
type FileError = fault.FileError

// maxFile bounds what Load reads: a program is a few hundred kilobytes.
const maxFile = 64 << 20

// Load reads DSPy's state file into the program that o describes (types are
// not saved by DSPy). *FileError when it cannot be used.
//
// DSPy itself checks little on load and breaks later; what would break is
// refused here: demonstrations that are no list of objects, fields that are not
// as many as the signature's, keys that DSPy would set as attributes. A missing
// metadata object, which DSPy refuses, is accepted and written by Save.
func Load(path string, o Options) (*Program, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, &FileError{Path: path, Reason: "cannot be read: " + reason(err), Err: err}
	}
	p, err := Parse(data, o)
	var bad *FileError
	if errors.As(err, &bad) {
		bad.Path = path
	}
	return p, err
}

// Parse is Load of a file's content; its *FileError names no path.
func Parse(data []byte, o Options) (*Program, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if line, err := wellFormed(data); err != nil {
		return nil, &FileError{Line: line, Reason: err.Error()}
	}
	p, at, err := parseState(data, o)
	if err != nil {
		return nil, &FileError{At: at, Reason: err.Error()}
	}
	return p, nil
}

// reason is the system's own words without the path, which a FileError names already.
func reason(err error) string {
	var of *os.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("expected at most %d MiB", maxFile>>20)
	}
	return data, err
}

// parseState reads a whole state; at is where it failed.
func parseState(data []byte, o Options) (p *Program, at string, err error) {
	_, state, err := jsontext.Object(data)
	if err != nil {
		return nil, "", err
	}
	p = New(o)
	for _, pr := range p.Predictors {
		raw, ok := state[pr.Name]
		if !ok {
			return nil, pr.Name, errors.New("expected a predictor of this name, found none; is this a program of another pipeline?")
		}
		if at, err := pr.load(raw); err != nil {
			return nil, join(pr.Name, at), err
		}
	}
	if meta, ok := state["metadata"]; ok {
		if _, _, err := jsontext.Object(meta); err != nil {
			return nil, "metadata", err
		}
		p.metadata = meta
	}
	return p, "", nil
}

// wellFormed finds the line where a text is no JSON that hosts could read.
func wellFormed(data []byte) (line int, err error) {
	lineAt := func(offset int) int { return 1 + bytes.Count(data[:min(offset, len(data))], []byte("\n")) }
	if at, found := jsonvalue.Unsound(data, jsonvalue.MaxDepth); found != "" {
		return lineAt(at), errors.New("found " + found)
	}
	var v json.RawMessage
	err = json.Unmarshal(data, &v)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return lineAt(int(syntax.Offset)), errors.New("expected JSON: " + jsonvalue.Fault(syntax))
	}
	return 0, err
}

// predictorKeys are a predictor's keys in DSPy's file. Any other key would be set as an
// attribute there, which can replace a method.
var predictorKeys = map[string]bool{"traces": true, "train": true, "demos": true, "signature": true, "fields": true, "lm": true}

func (p *Predictor) load(raw json.RawMessage) (at string, err error) {
	keys, state, err := jsontext.Object(raw)
	if err != nil {
		return "", err
	}
	p.extra = map[string]json.RawMessage{}
	for _, k := range keys {
		if !predictorKeys[k] {
			return k, errors.New("unknown key: DSPy would set it as an attribute of the predictor; remove it")
		}
		if k != "demos" && k != "signature" {
			p.extra[k] = state[k]
		}
	}
	sig, ok := state["signature"]
	if !ok {
		return "signature", errors.New("is missing")
	}
	if at, err := p.loadSignature(sig); err != nil {
		return join("signature", at), err
	}
	return p.loadDemos(state["demos"])
}

func (p *Predictor) loadSignature(raw json.RawMessage) (at string, err error) {
	_, sig, err := jsontext.Object(raw)
	if err != nil {
		return "", err
	}
	if p.Signature.Instructions, err = text(sig["instructions"]); err != nil {
		return "instructions", err
	}
	var fields []json.RawMessage
	if f := sig["fields"]; f == nil || f[0] != '[' || json.Unmarshal(f, &fields) != nil {
		return "fields", errors.New("expected an array, found " + jsonvalue.Kind(sig["fields"]))
	}
	if want := len(p.Signature.Fields()); len(fields) != want {
		return "fields", fmt.Errorf("expected %d fields (%s), found %d", want, Names(p.Signature.Fields()), len(fields))
	}
	for i, f := range fields {
		if at, err := p.loadField(i, f); err != nil {
			return join(fmt.Sprintf("fields[%d]", i), at), err
		}
	}
	return "", nil
}

func (p *Predictor) loadField(i int, raw json.RawMessage) (at string, err error) {
	_, f, err := jsontext.Object(raw)
	if err != nil {
		return "", err
	}
	prefix, err := text(f["prefix"])
	if err != nil {
		return "prefix", err
	}
	desc, err := text(f["description"])
	if err != nil {
		return "description", err
	}
	loaded := p.Signature.At(i)
	loaded.Prefix, loaded.Desc = prefix, desc
	return "", nil
}

// loadDemos takes a missing list for an empty one, as DSPy does.
func (p *Predictor) loadDemos(raw json.RawMessage) (at string, err error) {
	if raw == nil {
		return "", nil
	}
	var list []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		return "demos", errors.New("expected an array, found " + jsonvalue.Kind(raw))
	}
	for i, item := range list {
		var d Demo
		if err := d.UnmarshalJSON(item); err != nil {
			return fmt.Sprintf("demos[%d]", i), err
		}
		p.Demos = append(p.Demos, d)
	}
	return "", nil
}

func text(raw json.RawMessage) (string, error) {
	if raw == nil {
		return "", errors.New("is missing")
	}
	var s string
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", errors.New("expected a string, found " + jsonvalue.Kind(raw))
	}
	return s, nil
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}
