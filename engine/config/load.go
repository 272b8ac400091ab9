package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"qgen-sidecar/internal/jsonvalue"
)

// FileName is looked for in the working directory when no path is named.
const FileName = "qgen.toml"

// Load reads path ("" means ./qgen.toml if there, else an empty file), lays
// overlay (the `config` of initialize, may be nil) over it key by key, fills in
// defaults and checks. Paths in the file are relative to the file, in overlay
// to workdir ("" the process's own). Every error is an *Error.
func Load(path string, overlay json.RawMessage, workdir string) (*Config, error) {
	workdir, err := filepath.Abs(workdir)
	if err != nil {
		return nil, &Error{Reason: fmt.Sprintf("working directory: %v", err)}
	}
	src, err := readFile(path, workdir)
	if err != nil {
		return nil, err
	}
	over, err := readOverlay(overlay)
	if err != nil {
		return nil, err
	}
	base := workdir
	if src.path != "" {
		base = filepath.Dir(src.path)
	}
	resolvePaths(src.tree, base)
	resolvePaths(over, workdir)
	// The cache's default lies below both: "" turns it off, null does not.
	tree := merge(map[string]any{"cache": map[string]any{"path": filepath.Join(base, ".qgen", "cache")}}, merge(src.tree, over))

	cfg := &Config{Path: src.path}
	if err := decodeTree(tree, cfg); err != nil {
		return nil, src.locate(err, over)
	}
	fillDefaults(cfg, base)
	if err := validate(cfg); err != nil {
		return nil, src.locate(err, over)
	}
	return cfg, nil
}

// source is the file as read: its tree, and the line of each dotted key.
type source struct {
	path  string
	tree  map[string]any
	lines map[string]int
}

// locate adds the file, and the line of the key or of its table, to an error
// about a key that the host's overlay did not set.
func (s *source) locate(err error, over map[string]any) error {
	var e *Error
	if !errors.As(err, &e) || setBy(over, e.Key) {
		return err
	}
	e.Path = s.path
	for key := e.Key; key != "" && e.Line == 0; key = parent(key) {
		e.Line = s.lines[key]
	}
	return err
}

// parent cuts the last step off a dotted key.
func parent(key string) string {
	return key[:max(0, strings.LastIndexAny(key, ".["))]
}

// setBy reports whether the tree holds the dotted key, or an array above it.
func setBy(tree map[string]any, key string) bool {
	for _, step := range strings.Split(key, ".") {
		name, _, _ := strings.Cut(step, "[")
		value, ok := tree[name]
		if !ok {
			return false
		}
		if tree, ok = value.(map[string]any); !ok {
			return true
		}
	}
	return true
}

func readFile(path, workdir string) (*source, error) {
	named := path != ""
	if !named {
		path = FileName
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(workdir, path)
	}
	data, err := os.ReadFile(path)
	if !named && errors.Is(err, fs.ErrNotExist) {
		return &source{tree: map[string]any{}}, nil
	}
	if err != nil {
		return nil, &Error{Path: path, Reason: "cannot be read: " + reason(err)}
	}
	return parse(path, data)
}

// reason is the system's own words without the path, which Error names already.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func parse(path string, data []byte) (*source, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // editors on Windows write a byte order mark
	tree := map[string]any{}
	if err := toml.Unmarshal(data, &tree); err != nil {
		e := &Error{Path: path, Reason: "expected TOML: " + strings.TrimPrefix(err.Error(), "toml: ")}
		var de *toml.DecodeError
		if errors.As(err, &de) {
			e.Line, _ = de.Position()
		}
		return nil, e
	}
	return &source{path: path, tree: tree, lines: keyLines(data)}, nil
}

func readOverlay(overlay json.RawMessage) (map[string]any, error) {
	if trimmed := bytes.TrimSpace(overlay); len(trimmed) == 0 || bytes.Equal(trimmed, []byte("null")) {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(overlay))
	dec.UseNumber() // 500 stays an integer
	tree := map[string]any{}
	if err := dec.Decode(&tree); err != nil {
		return nil, &Error{Key: "config", Reason: "expected a JSON object: " + jsonvalue.Fault(err)}
	}
	return tree, nil
}
