package persona

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/internal/vectors"
)

// entry is one entry of personas.json.
type entry struct {
	Name        string
	Description string
}

// fileCache keeps the file's personas, and their vectors once embedded, as
// long as the file stays the same.
type fileCache struct {
	mu       sync.Mutex
	stamp    fs.FileInfo
	personas []entry
	vectors  [][]float32

	embedding *semaphore.Weighted // 1: held while the descriptions are embedded
}

// fromFile takes the persona whose description is nearest to the chunk,
// by the cosine of their embeddings; the first of equals. One persona alone
// needs no embedding.
func (ch *Chooser) fromFile(ctx context.Context, c *lm.Call, chunk string) (*api.PersonaResult, error) {
	personas, err := ch.cached()
	if err != nil {
		return nil, err
	}
	if len(personas) == 1 {
		return filePersona(personas[0], nil), nil
	}
	ranked, err := ch.rank(ctx, c, chunk, personas)
	if err != nil {
		return nil, err
	}
	return filePersona(ranked[0].entry, &ranked[0].score), nil
}

func filePersona(p entry, score *float64) *api.PersonaResult {
	return &api.PersonaResult{PersonaDescription: &p.Description, Name: p.Name, Score: score, Source: sourceFile}
}

type rankedEntry struct {
	entry
	score float64
}

// rank orders the file's personas by their nearness to the chunk.
func (ch *Chooser) rank(ctx context.Context, c *lm.Call, chunk string, personas []entry) ([]rankedEntry, error) {
	if !ch.lm.CanEmbed() {
		return nil, lm.NeedEmbed("config personas.source", fmt.Sprintf("to choose among %d personas", len(personas)))
	}
	own, err := ch.descriptionVectors(ctx, c, personas)
	if err != nil {
		return nil, err
	}
	query, err := ch.lm.Embed(ctx, c, []string{chunk}, lm.ForQuery)
	if err != nil {
		return nil, err
	}
	ranked := make([]rankedEntry, len(personas))
	for i, p := range personas {
		ranked[i] = rankedEntry{p, vectors.Cosine(query[0], own[i])}
	}
	slices.SortStableFunc(ranked, func(a, b rankedEntry) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return ranked, nil
}

// cached reads the file, again only when it changed.
func (ch *Chooser) cached() ([]entry, error) {
	pc := &ch.file
	pc.mu.Lock()
	defer pc.mu.Unlock()
	path := ch.cfg.Personas.Path
	info, err := os.Stat(path)
	if err != nil {
		return nil, &api.FileError{Path: path, Reason: "personas cannot be read: " + files.Reason(err), Err: err}
	}
	if files.Same(pc.stamp, info) {
		return pc.personas, nil
	}
	personas, err := readPersonas(path)
	if err != nil {
		return nil, err
	}
	pc.stamp, pc.personas, pc.vectors = info, personas, nil
	return personas, nil
}

// descriptionVectors embeds the descriptions once per version of the file: whoever
// comes meanwhile waits, since a host's embed has no cache.
func (ch *Chooser) descriptionVectors(ctx context.Context, c *lm.Call, personas []entry) ([][]float32, error) {
	pc := &ch.file
	if err := pc.embedding.Acquire(ctx, 1); err != nil {
		return nil, context.Cause(ctx)
	}
	defer pc.embedding.Release(1)
	pc.mu.Lock()
	vectors := pc.vectors
	pc.mu.Unlock()
	if len(vectors) == len(personas) {
		return vectors, nil
	}
	texts := make([]string, len(personas))
	for i, p := range personas {
		texts[i] = p.Description
	}
	vectors, err := ch.lm.Embed(ctx, c, texts, lm.ForPassage)
	if err != nil {
		return nil, err
	}
	pc.mu.Lock()
	defer pc.mu.Unlock()
	if slices.Equal(pc.personas, personas) {
		pc.vectors = vectors
	}
	return vectors, nil
}

// readPersonas reads [{"name": …, "description": …}]; other keys are ignored.
func readPersonas(path string) ([]entry, error) {
	entries, err := files.ReadArray(path)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, &api.FileError{Path: path, Reason: "expected at least one persona, found an empty array"}
	}
	personas := make([]entry, len(entries))
	for i, entry := range entries {
		var p struct{ Name, Description any }
		if err := json.Unmarshal(entry.Raw, &p); err != nil {
			return nil, &api.FileError{Path: path, Line: entry.Line, Reason: fmt.Sprintf(`entry %d: expected an object with "name" and "description"`, i+1)}
		}
		description, _ := p.Description.(string)
		if strings.TrimSpace(description) == "" {
			return nil, &api.FileError{Path: path, Line: entry.Line, Reason: fmt.Sprintf(`entry %d: expected a text under "description", found %s`, i+1, files.Kind(p.Description))}
		}
		personas[i].Name, _ = p.Name.(string)
		personas[i].Description = description
	}
	return personas, nil
}
