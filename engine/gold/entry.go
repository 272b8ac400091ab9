package gold

import (
	"encoding/json"
	"fmt"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/jsonvalue"
)

// Entry is one entry of a gold set. Raw is the entry as the file has it, with keys
// we do not know.
type Entry struct {
	api.GoldEntry
	laid []byte // Raw as the file has it, once it was written
}

// ID names an entry whatever else changes in it: the same chunk and question
// are one entry.
func (g Entry) ID() string { return files.Hash(g.ChunkText, g.GoldQuestion) }

// Parse reads an entry; reason says what is wrong with it, "" nothing.
func Parse(raw json.RawMessage) (g Entry, reason string) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil || keys == nil {
		return Entry{}, `expected an object with "chunk_text", "persona_description" and "gold_question"`
	}
	g.Raw = raw
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
			return Entry{}, reason
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

// New is an entry of these values, laid out as the file has it.
func New(p api.GoldAddParams) (Entry, error) {
	o := jsonvalue.NewObject()
	o.Set("chunk_text", p.ChunkText)
	o.Set("persona_description", p.PersonaDescription)
	o.Set("gold_question", p.GoldQuestion)
	o.SetText("query_type", p.QueryType)
	o.SetText("query_format", p.QueryFormat)
	if !p.ChunkID.IsZero() {
		o.Set("chunk_id", p.ChunkID)
	}
	raw, err := jsonvalue.Marshal(o)
	return Entry{GoldEntry: api.GoldEntry{ChunkText: p.ChunkText, PersonaDescription: p.PersonaDescription, GoldQuestion: p.GoldQuestion,
		QueryType: p.QueryType, QueryFormat: p.QueryFormat, ChunkID: p.ChunkID, Raw: raw}}, err
}

// WithPersona is an entry that is parsed after it: it gives an object that names no persona an empty one.
func WithPersona(raw json.RawMessage) json.RawMessage {
	members, err := jsonvalue.Members(raw)
	if err != nil {
		return raw
	}
	entry := jsonvalue.NewObject()
	for _, m := range members {
		if m.Key == "persona_description" && string(m.Raw) != "null" {
			return raw
		}
		entry.Set(m.Key, m.Raw)
	}
	entry.Set("persona_description", "")
	out, err := jsonvalue.Marshal(entry)
	if err != nil {
		return raw
	}
	return out
}

// withKey is the object with another text under the key, which it has.
func withKey(raw json.RawMessage, key, text string) (json.RawMessage, error) {
	members, err := jsonvalue.Members(raw)
	if err != nil {
		return nil, err
	}
	out := jsonvalue.NewObject()
	for _, m := range members {
		if m.Key == key {
			out.Set(m.Key, text)
		} else {
			out.Set(m.Key, m.Raw)
		}
	}
	return jsonvalue.Marshal(out)
}

// Values are the entry as DSPy's example has it: gold_question is the label of query.
func (g Entry) Values() program.Values {
	return program.Values{"chunk_text": g.ChunkText, "persona_description": g.PersonaDescription,
		"query": g.GoldQuestion, "query_type": g.QueryType, "query_format": g.QueryFormat}
}

// Inputs leaves the labels of an example out: they are what is asked for.
func Inputs(example program.Values) program.Values {
	return program.Values{"chunk_text": example["chunk_text"], "persona_description": example["persona_description"]}
}

// Chunks are the entries' texts, in their order.
func Chunks(entries []Entry) []string {
	out := make([]string, len(entries))
	for i, g := range entries {
		out[i] = g.ChunkText
	}
	return out
}

// Digest is the SHA-256 over the entries as they stood in the file, in hex.
func Digest(entries []Entry) string {
	raw := make([]string, len(entries))
	for i, g := range entries {
		raw[i] = string(g.Raw)
	}
	return files.Hash(raw...)
}
