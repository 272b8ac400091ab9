package gold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/seeded"
)

// AddOne puts an entry into the set. It is on disk before this returns; a missing file
// is created; an entry that is there already (same chunk_text and gold_question) stays
// as it is.
func (s *Set) AddOne(ctx context.Context, p api.GoldAddParams) (*api.GoldAddResult, error) {
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	if err := api.RequireText("gold_question", p.GoldQuestion); err != nil {
		return nil, err
	}
	added, err := New(p)
	if err != nil {
		return nil, err
	}
	return counted(s.Add(ctx, added))
}

// Import is AddOne of many entries at once, whole: all of them are in, or none. One
// without a persona_description gets an empty one.
func (s *Set) Import(ctx context.Context, entries []json.RawMessage) (*api.GoldAddResult, error) {
	added := make([]Entry, len(entries))
	for i, raw := range entries {
		var reason string
		if added[i], reason = Parse(WithPersona(raw)); reason != "" {
			return nil, &api.ParamError{Param: "entries", Expected: "gold entries", Found: fmt.Sprintf("entry %d: %s", i+1, reason)}
		}
	}
	return counted(s.Add(ctx, added...))
}

// RemoveOne takes an entry out, under the same lock. One that is not there is no error.
func (s *Set) RemoveOne(ctx context.Context, p api.GoldRemoveParams) (*api.GoldAddResult, error) {
	return counted(s.Remove(ctx, p.ChunkText, p.GoldQuestion))
}

func counted(count int, err error) (*api.GoldAddResult, error) {
	if err != nil {
		return nil, err
	}
	return &api.GoldAddResult{Count: count}, nil
}

// Sample gives random entries, whole; the seed fixes which and in what order.
func (s *Set) Sample(p api.GoldSampleParams) (*api.GoldSampleResult, error) {
	count, err := api.IntParam("count", p.Count, 5, 1, api.AnyNumber)
	if err != nil {
		return nil, err
	}
	entries, err := Read(s.path)
	if errors.Is(err, fs.ErrNotExist) { // gold-add makes it: not there yet is empty
		entries, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	seed := seeded.Draw()
	if p.Seed != nil {
		seed = *p.Seed
	}
	result := &api.GoldSampleResult{Total: len(entries), Entries: []json.RawMessage{}}
	for _, g := range seeded.NewShuffler(entries, seed).Take(count) {
		result.Entries = append(result.Entries, g.Raw)
	}
	return result, nil
}

// Listed is the whole set, checked, as commands show it. A bad entry is a *FileError
// with its line.
func (s *Set) Listed() ([]api.GoldEntry, error) {
	entries, err := Read(s.path)
	if err != nil {
		return nil, err
	}
	out := make([]api.GoldEntry, len(entries))
	for i, entry := range entries {
		out[i] = entry.GoldEntry
	}
	return out, nil
}

// Checked is [Check] of the whole set.
func (s *Set) Checked(leakOverlap float64) (*api.GoldCheck, error) {
	entries, err := Read(s.path)
	if err != nil {
		return nil, err
	}
	return Check(entries, leakOverlap), nil
}
