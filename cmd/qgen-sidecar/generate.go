package main

import (
	"context"
	"encoding/json"
	"fmt"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
)

// textFromStore says in the help, and here, that a person may name the chunk alone.
const textFromStore = "; absent: the text of the chunk with --chunk-id, from the store"

// standIn leaves it to generate's command to find the chunk's text, when its id is given
// alone.
func (p *paramFlags) standIn(method string) error {
	_, id := p.given["chunk_id"]
	_, text := p.given["chunk_text"]
	switch {
	case method != "generate" || text:
		return nil
	case !id:
		return seeHelp("qgen-sidecar generate", "expected --chunk-text, or --chunk-id for a chunk of the store, found neither")
	}
	p.given["chunk_text"] = ""
	return nil
}

// generate is the method; a chunk without its text is read from the store.
func generate(e *engine.Engine, ctx context.Context, p api.GenerateParams) (*api.GenerateResult, error) {
	if p.ChunkText == "" && !p.ChunkID.IsZero() {
		text, err := chunkText(ctx, e, p.ChunkID)
		if err != nil {
			return nil, err
		}
		p.ChunkText = text
	}
	return e.Generate(ctx, p)
}

// chunkText is the text of one chunk of store.collection, as the config composes it.
func chunkText(ctx context.Context, e *engine.Engine, id api.ChunkID) (string, error) {
	filter, err := json.Marshal(map[string]any{"must": []any{map[string]any{"has_id": []any{id}}}})
	if err != nil {
		return "", err
	}
	one := 1
	r, err := e.Fetch(ctx, api.FetchParams{Count: &one, Filter: filter})
	if err != nil {
		return "", err
	}
	if r.Total == 0 {
		return "", fmt.Errorf("--chunk-id: expected the id of a point of collection %q, found %v, which it has not", r.Collection, id)
	}
	if len(r.Chunks) == 0 {
		return "", fmt.Errorf("--chunk-id: point %v of collection %q has no text in store.text_field; give the text with --chunk-text", id, r.Collection)
	}
	text, _ := r.Chunks[0]["chunk_text"].(string)
	return text, nil
}
