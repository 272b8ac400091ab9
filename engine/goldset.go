package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
)

// goldEntry is one entry of the gold set. raw is the entry as the file has it,
// with keys we do not know.
type goldEntry struct {
	ChunkText          string
	PersonaDescription string
	GoldQuestion       string
	QueryType          string // "" absent
	QueryFormat        string
	ChunkID            api.ChunkID
	raw                json.RawMessage
	laid               []byte // raw as the file has it, once it was written
}

// id names an entry whatever else changes in it: the same chunk and question
// are one entry.
func (g goldEntry) id() string { return files.Hash(g.ChunkText, g.GoldQuestion) }

// readGold reads and checks a gold set. A bad entry is a *FileError with its line.
func readGold(path string) ([]goldEntry, error) {
	entries, err := files.ReadArray(path)
	if err != nil {
		return nil, err
	}
	gold := make([]goldEntry, len(entries))
	for i, en := range entries {
		var reason string
		if gold[i], reason = goldFrom(en.Raw); reason != "" {
			return nil, &api.FileError{Path: path, Line: en.Line, Reason: fmt.Sprintf("entry %d: %s", i+1, reason)}
		}
	}
	return gold, nil
}

// goldCache holds files.gold as long as the file stays the same: a person who
// annotates adds an entry every few seconds, and each suggestion looks at it.
type goldCache struct {
	mu    sync.Mutex
	stamp fs.FileInfo
	gold  []goldEntry
}

// readOwn is readGold of files.gold. The slice is the caller's, its entries are
// shared and are not changed.
func (c *goldCache) readOwn(path string) ([]goldEntry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(path)
	if err == nil && files.Same(c.stamp, info) {
		return slices.Clone(c.gold), nil
	}
	gold, err := readGold(path)
	if err == nil {
		c.stamp, c.gold = info, gold
	}
	return slices.Clone(gold), err
}

// wrote keeps what the file holds now.
func (c *goldCache) wrote(path string, gold []goldEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stamp, c.gold = nil, nil
	if info, err := os.Stat(path); err == nil {
		c.stamp, c.gold = info, slices.Clone(gold)
	}
}

// readSomeGold is readGold for those who need at least one entry.
func readSomeGold(path string) ([]goldEntry, error) {
	gold, err := readGold(path)
	if err == nil && len(gold) == 0 {
		err = &api.FileError{Path: path, Reason: "expected at least one entry, found an empty array; add some with annotate or gold-add"}
	}
	return gold, err
}

func goldFrom(raw json.RawMessage) (goldEntry, string) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil || keys == nil {
		return goldEntry{}, `expected an object with "chunk_text", "persona_description" and "gold_question"`
	}
	g := goldEntry{raw: raw}
	for _, f := range []struct {
		key      string
		into     *string
		required bool // present
		text     bool // and not blank
	}{
		{"chunk_text", &g.ChunkText, true, true},
		{"persona_description", &g.PersonaDescription, true, false},
		{"gold_question", &g.GoldQuestion, true, true},
		{"query_type", &g.QueryType, false, false},
		{"query_format", &g.QueryFormat, false, false},
	} {
		if reason := stringKey(keys, f.key, f.into, f.required, f.text); reason != "" {
			return goldEntry{}, reason
		}
	}
	// An id of another shape is somebody else's key and none of our business.
	_ = json.Unmarshal(keys["chunk_id"], &g.ChunkID)
	return g, ""
}

func stringKey(keys map[string]json.RawMessage, key string, into *string, required, text bool) string {
	raw, there := keys[key]
	if !there && required {
		return fmt.Sprintf("expected a text under %q, found no such key", key)
	}
	if !there || string(raw) == "null" && !required {
		return ""
	}
	var v any
	_ = json.Unmarshal(raw, &v)
	s, isText := v.(string)
	if !isText || text && strings.TrimSpace(s) == "" {
		return fmt.Sprintf("expected a text under %q, found %s", key, files.Kind(v))
	}
	*into = s
	return ""
}

// writeGold replaces the gold set atomically, entries as they came, indented
// so that people and diffs can read them.
func writeGold(path string, gold []goldEntry) error {
	return files.Replace(path, func(w io.Writer) error {
		var b bytes.Buffer
		b.WriteByte('[')
		for i, g := range gold {
			if i > 0 {
				b.WriteByte(',')
			}
			if len(g.laid) == 0 {
				var one bytes.Buffer
				if err := json.Indent(&one, g.raw, "  ", "  "); err != nil {
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
