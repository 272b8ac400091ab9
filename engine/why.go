package engine

import (
	"context"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/qdrantlock"
	"qgen-sidecar/qdrantlock/points"
)

// Why answers the command of that name: a saved question with all that is
// known of how it came to be, and its chunk.
func (e *Engine) Why(ctx context.Context, named string) (*api.WhyResult, error) {
	id, ok := store.PointID(api.NewChunkID(named))
	if !ok {
		return nil, &api.ParamError{Param: "point_id", Expected: "a number or a UUID", Found: clip.Runes(named, 200)}
	}
	if _, err := e.store.Client(ctx); err != nil {
		return nil, err
	}
	s := e.cfg.Store
	saved, err := e.store.GetPoints(ctx, s.Questions.Collection, []*qdrant.PointId{id})
	if err != nil {
		return nil, err
	}
	point := saved[store.IDKey(id)]
	if point == nil {
		return nil, &qdrantlock.StoreError{Path: s.Path, URL: s.URL, Collection: s.Questions.Collection, Reason: "there is no point " + named}
	}
	return e.why(ctx, point)
}

func (e *Engine) why(ctx context.Context, point *qdrant.RetrievedPoint) (*api.WhyResult, error) {
	s, payload := e.cfg.Store, point.GetPayload()
	text := func(key string) string { v, _ := store.Field(payload, key).(string); return v }
	r := &api.WhyResult{PointID: store.IDValue(point.GetId()), Question: text(s.Questions.QueryField), ChunkID: api.NewChunkID(store.Field(payload, s.Questions.ChunkIDField)).Value(),
		PersonaDescription: text("persona_description"), Plan: api.WhyPlan{QueryType: text("query_type"), QueryFormat: text("query_format")},
		Model: text("model"), CreatedAt: text("created_at"), Program: e.whyProgram(text("program_hash")), Payload: points.PlainMap(payload)}
	r.Provenance, _ = store.Field(payload, store.KeyProvenance).(map[string]any)
	return r, e.whyChunk(ctx, point, r)
}

// whyChunk looks at the chunk as it is now.
func (e *Engine) whyChunk(ctx context.Context, point *qdrant.RetrievedPoint, r *api.WhyResult) error {
	id, ok := store.QuestionsChunk(point, e.cfg.Store.Questions.ChunkIDField)
	if !ok {
		r.Stale = "it names no chunk"
		return nil
	}
	collection, _ := store.Field(point.GetPayload(), store.KeyProvenance+".collection").(string)
	chunks, err := e.store.GetPoints(ctx, e.store.Collection(collection), []*qdrant.PointId{id})
	if err != nil && !store.NoCollection(err) {
		return err
	}
	chunk := chunks[store.IDKey(id)]
	if chunk == nil {
		r.Stale = store.ChunkGone
		return nil
	}
	r.Chunk = points.PlainMap(chunk.GetPayload())
	if was, _ := store.Field(point.GetPayload(), store.KeyTextHash).(string); was != "" {
		now, _ := e.store.ChunkText(chunk.GetPayload())
		r.Stale = store.Staleness(point, now)
	}
	return nil
}

func (e *Engine) whyProgram(hash string) api.WhyProgram {
	if hash == "" {
		return api.WhyProgram{Missing: "the question does not say which program wrote it"}
	}
	l, err := e.programs.WithHash(hash)
	if err != nil {
		return api.WhyProgram{Hash: hash, Missing: err.Error()}
	}
	out := api.WhyProgram{Hash: hash, Path: l.Path}
	for _, pr := range l.Program.Predictors {
		out.Predictors = append(out.Predictors, api.WhyPredictor{Name: pr.Name, Instructions: pr.Signature.Instructions, Demonstrations: append([]program.Demo{}, pr.Demos...)})
	}
	return out
}
