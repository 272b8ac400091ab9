package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"qgen-sidecar/internal/atomicfile"
)

const metaName = "meta.json"

// meta is meta.json: {"collections": {...}, "aliases": {...}, ...}. Values are
// immutable; a change makes a new meta that replaces the file.
type meta struct {
	all         object
	collections object
	aliases     map[string]string
}

func readMeta(path string) (*meta, error) {
	raw, err := os.ReadFile(filepath.Join(path, metaName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{Path: path, Reason: "there is no meta.json: this is no folder of the Python qdrant-client, or its meta.json was lost"}
	}
	if err != nil {
		return nil, &Error{Path: path, Reason: "meta.json cannot be read", Err: err}
	}
	m, err := parseMeta(raw)
	if err != nil {
		return nil, &Error{Path: path, Reason: fmt.Sprintf("meta.json (%d bytes) is unusable", len(raw)), Err: err}
	}
	return m, nil
}

func parseMeta(raw []byte) (*meta, error) {
	all, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	m := &meta{all: all, aliases: map[string]string{}}
	entries, ok := all.get("collections")
	if !ok {
		return nil, errors.New(`the key "collections" is missing`)
	}
	if m.collections, err = parseObject(entries); err != nil {
		return nil, fmt.Errorf("collections: %w", err)
	}
	aliases, ok := all.get("aliases")
	if !ok {
		return m, nil
	}
	value, err := parsePlain(aliases)
	names, isObject := value.(map[string]any)
	if err != nil || !isObject {
		return nil, errors.New("aliases: expected an object")
	}
	for alias, target := range names {
		name, isText := target.(string)
		if !isText {
			return nil, fmt.Errorf("alias %q: expected a collection's name", alias)
		}
		m.aliases[alias] = name
	}
	return m, nil
}

// withCollection sets or adds one entry.
func (m *meta) withCollection(name string, entry object) *meta {
	changed := *m
	changed.collections = m.collections.set(name, entry.text())
	changed.all = m.all.set("collections", changed.collections.text())
	return &changed
}

// withoutCollection drops an entry, its aliases and its text indexes (an index
// without its collection keeps the Python client from opening the folder).
func (m *meta) withoutCollection(name string) *meta {
	changed := *m
	changed.collections = m.collections.drop(name)
	changed.all = m.all.set("collections", changed.collections.text())
	if raw, ok := m.all.get("text_indexes"); ok {
		if indexes, err := parseObject(raw); err == nil {
			changed.all = changed.all.set("text_indexes", indexes.drop(name).text())
		}
	}
	kept, dropped := map[string]string{}, false
	for alias, target := range m.aliases {
		if target == name {
			dropped = true
			continue
		}
		kept[alias] = target
	}
	if !dropped {
		return &changed
	}
	return changed.withAliases(kept)
}

// withAliases keeps the order of those that stay; new ones follow by name.
func (m *meta) withAliases(aliases map[string]string) *meta {
	found := object{}
	if raw, ok := m.all.get("aliases"); ok {
		found, _ = parseObject(raw)
	}
	next := rebuild(found, aliases, func(_ json.RawMessage, target string) json.RawMessage { return jsonText(target) })
	changed := *m
	changed.aliases = map[string]string{}
	for alias, target := range aliases {
		changed.aliases[alias] = target
	}
	changed.all = m.all.set("aliases", next.text())
	return &changed
}

// save replaces the file: after a crash there is the old one or the new one.
func (m *meta) save(path string) error {
	return atomicfile.ReplaceBytes(filepath.Join(path, metaName), 0o644, m.all.text())
}
