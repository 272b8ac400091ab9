package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/internal/jsonvalue"
)

// GoldAdd puts an entry into files.gold. It is on disk before this returns; a
// missing file is created; an entry that is there already (same chunk_text and
// gold_question) stays as it is.
func (e *Engine) GoldAdd(ctx context.Context, p api.GoldAddParams) (*api.GoldAddResult, error) {
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	if err := api.RequireText("gold_question", p.GoldQuestion); err != nil {
		return nil, err
	}
	added, err := entryOf(p)
	if err != nil {
		return nil, err
	}
	return e.addGold(ctx, []goldEntry{added})
}

// GoldImport is GoldAdd of many entries at once, whole: all of them are in, or
// none. One without a persona_description gets an empty one.
func (e *Engine) GoldImport(ctx context.Context, entries []json.RawMessage) (*api.GoldAddResult, error) {
	added := make([]goldEntry, len(entries))
	for i, raw := range entries {
		var reason string
		if added[i], reason = goldFrom(withPersona(raw)); reason != "" {
			return nil, &api.ParamError{Param: "entries", Expected: "gold entries", Found: fmt.Sprintf("entry %d: %s", i+1, reason)}
		}
	}
	return e.addGold(ctx, added)
}

// withPersona gives an object that names no persona an empty one.
func withPersona(raw json.RawMessage) json.RawMessage {
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

// addGold appends what is not there yet.
func (e *Engine) addGold(ctx context.Context, added []goldEntry) (*api.GoldAddResult, error) {
	return e.changeGold(ctx, func(gold []goldEntry) ([]goldEntry, bool) {
		before := len(gold)
		there := make(map[string]bool, len(gold))
		for _, g := range gold {
			there[g.id()] = true
		}
		for _, g := range added {
			if id := g.id(); !there[id] {
				there[id] = true
				gold = append(gold, g)
			}
		}
		return gold, len(gold) != before
	})
}

// GoldRemove takes an entry out of files.gold, under the same lock. One that is
// not there is no error.
func (e *Engine) GoldRemove(ctx context.Context, p api.GoldRemoveParams) (*api.GoldAddResult, error) {
	gone := files.Hash(p.ChunkText, p.GoldQuestion)
	return e.changeGold(ctx, func(gold []goldEntry) ([]goldEntry, bool) {
		left := slices.DeleteFunc(slices.Clone(gold), func(g goldEntry) bool { return g.id() == gone })
		return left, len(left) != len(gold)
	})
}

// GoldReword gives an entry another question; its other keys and its place stay.
// An entry that is not there any more is a *FileError.
func (e *Engine) GoldReword(ctx context.Context, p api.GoldRemoveParams, question string) error {
	if err := api.RequireText("gold_question", question); err != nil {
		return err
	}
	id, found := files.Hash(p.ChunkText, p.GoldQuestion), false
	var fault error
	_, err := e.changeGold(ctx, func(gold []goldEntry) ([]goldEntry, bool) {
		for i, g := range gold {
			if g.id() != id {
				continue
			}
			found = true
			raw, err := withKey(g.raw, "gold_question", question)
			if err != nil {
				fault = err
				return gold, false
			}
			gold[i].raw, gold[i].laid, gold[i].GoldQuestion = raw, nil, question
		}
		return gold, found
	})
	switch {
	case err != nil:
		return err
	case fault != nil:
		return fault
	case !found:
		return &api.FileError{Path: e.cfg.Files.Gold, Reason: "the entry is not there any more; it was changed or taken out meanwhile"}
	}
	return nil
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

// changeGold reads, changes and replaces the gold set under its file lock, so
// that two writers, in this process or in others, lose nothing of each other.
// change says whether there is anything to write.
func (e *Engine) changeGold(ctx context.Context, change func([]goldEntry) ([]goldEntry, bool)) (*api.GoldAddResult, error) {
	path := e.cfg.Files.Gold
	unlock, err := files.Lock(ctx, path+".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var gold []goldEntry
	if files.Exists(path) {
		if gold, err = e.gold.readOwn(path); err != nil {
			return nil, err
		}
	}
	gold, changed := change(gold)
	if changed {
		if err := writeGold(path, gold); err != nil {
			return nil, err
		}
		e.gold.wrote(path, gold)
	}
	return &api.GoldAddResult{Count: len(gold)}, nil
}

// entryOf is the parameters as the file will have them.
func entryOf(p api.GoldAddParams) (goldEntry, error) {
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
	return goldEntry{ChunkText: p.ChunkText, PersonaDescription: p.PersonaDescription, GoldQuestion: p.GoldQuestion,
		QueryType: p.QueryType, QueryFormat: p.QueryFormat, ChunkID: p.ChunkID, raw: raw}, err
}

// GoldSample gives random entries, whole; the seed fixes which and in what order.
func (e *Engine) GoldSample(_ context.Context, p api.GoldSampleParams) (*api.GoldSampleResult, error) {
	count, err := api.IntParam("count", p.Count, 5, 1, api.AnyNumber)
	if err != nil {
		return nil, err
	}
	gold, err := readGold(e.cfg.Files.Gold)
	if errors.Is(err, fs.ErrNotExist) { // gold-add makes it: not there yet is empty
		gold, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	seed := drawSeed()
	if p.Seed != nil {
		seed = *p.Seed
	}
	result := &api.GoldSampleResult{Total: len(gold), Entries: []json.RawMessage{}}
	for _, g := range newShuffler(gold, seed).take(count) {
		result.Entries = append(result.Entries, g.raw)
	}
	return result, nil
}

// GoldEntries is the whole of files.gold, checked. A bad entry is a *FileError
// with its line.
func (e *Engine) GoldEntries() ([]api.GoldEntry, error) {
	gold, err := readGold(e.cfg.Files.Gold)
	if err != nil {
		return nil, err
	}
	out := make([]api.GoldEntry, len(gold))
	for i, g := range gold {
		out[i] = api.GoldEntry{ChunkText: g.ChunkText, PersonaDescription: g.PersonaDescription, GoldQuestion: g.GoldQuestion,
			QueryType: g.QueryType, QueryFormat: g.QueryFormat, ChunkID: g.ChunkID, Raw: g.raw}
	}
	return out, nil
}

func (e *Engine) goldPath(named string) string {
	if named == "" {
		return e.cfg.Files.Gold
	}
	return files.Abs(named)
}
