package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
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
	added, err := gold.New(p)
	if err != nil {
		return nil, err
	}
	return goldCount(e.gold.Add(ctx, added))
}

// GoldImport is GoldAdd of many entries at once, whole: all of them are in, or
// none. One without a persona_description gets an empty one.
func (e *Engine) GoldImport(ctx context.Context, entries []json.RawMessage) (*api.GoldAddResult, error) {
	added := make([]gold.Entry, len(entries))
	for i, raw := range entries {
		var reason string
		if added[i], reason = gold.Parse(gold.WithPersona(raw)); reason != "" {
			return nil, &api.ParamError{Param: "entries", Expected: "gold entries", Found: fmt.Sprintf("entry %d: %s", i+1, reason)}
		}
	}
	return goldCount(e.gold.Add(ctx, added...))
}

// GoldRemove takes an entry out of files.gold, under the same lock. One that is
// not there is no error.
func (e *Engine) GoldRemove(ctx context.Context, p api.GoldRemoveParams) (*api.GoldAddResult, error) {
	return goldCount(e.gold.Remove(ctx, p.ChunkText, p.GoldQuestion))
}

// GoldReword gives an entry another question; its other keys and its place stay.
// An entry that is not there any more is a *FileError.
func (e *Engine) GoldReword(ctx context.Context, p api.GoldRemoveParams, question string) error {
	if err := api.RequireText("gold_question", question); err != nil {
		return err
	}
	return e.gold.Reword(ctx, p.ChunkText, p.GoldQuestion, question)
}

func goldCount(count int, err error) (*api.GoldAddResult, error) {
	if err != nil {
		return nil, err
	}
	return &api.GoldAddResult{Count: count}, nil
}

// GoldSample gives random entries, whole; the seed fixes which and in what order.
func (e *Engine) GoldSample(_ context.Context, p api.GoldSampleParams) (*api.GoldSampleResult, error) {
	count, err := api.IntParam("count", p.Count, 5, 1, api.AnyNumber)
	if err != nil {
		return nil, err
	}
	entries, err := gold.Read(e.gold.Path())
	if errors.Is(err, fs.ErrNotExist) { // gold-add makes it: not there yet is empty
		entries, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	seed := drawSeed()
	if p.Seed != nil {
		seed = *p.Seed
	}
	result := &api.GoldSampleResult{Total: len(entries), Entries: []json.RawMessage{}}
	for _, g := range newShuffler(entries, seed).take(count) {
		result.Entries = append(result.Entries, g.Raw)
	}
	return result, nil
}

// GoldEntries is the whole of files.gold, checked. A bad entry is a *FileError
// with its line.
func (e *Engine) GoldEntries() ([]api.GoldEntry, error) {
	entries, err := gold.Read(e.gold.Path())
	if err != nil {
		return nil, err
	}
	out := make([]api.GoldEntry, len(entries))
	for i, entry := range entries {
		out[i] = entry.GoldEntry
	}
	return out, nil
}

// goldPath is the gold set that a parameter names; "" means files.gold.
func (e *Engine) goldPath(named string) string {
	if named == "" {
		return e.gold.Path()
	}
	return files.Abs(named)
}
