package why

import (
	"context"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/clip"
)

// Explainer looks up saved questions. Its fields are the rooms that it stands on.
type Explainer struct {
	Store    *store.Store
	Programs *programs.Cache
}

// Why answers the command of that name: a saved question with all that is
// known of how it came to be, and its chunk as it is now.
func (x *Explainer) Why(ctx context.Context, named string) (*api.WhyResult, error) {
	id, ok := store.ParseID(api.NewChunkID(named))
	if !ok {
		return nil, &api.ParamError{Param: "point_id", Expected: "a number or a UUID", Found: clip.Runes(named, 200)}
	}
	q, err := x.Store.Saved(ctx, id)
	if err != nil {
		return nil, err
	}
	r := &api.WhyResult{PointID: q.ID.Value(), Question: q.Query, ChunkID: q.ChunkID.Value(),
		PersonaDescription: q.String("persona_description"), Plan: api.WhyPlan{QueryType: q.String("query_type"), QueryFormat: q.String("query_format")},
		Model: q.String("model"), CreatedAt: q.String("created_at"), Program: x.program(q.String("program_hash")), Payload: q.Payload(), Provenance: q.Provenance()}
	chunk, stale, err := x.Store.ChunkNow(ctx, q)
	if err != nil {
		return nil, err
	}
	r.Stale = stale
	if !chunk.Gone() {
		r.Chunk = chunk.Payload()
	}
	return r, nil
}

func (x *Explainer) program(hash string) api.WhyProgram {
	if hash == "" {
		return api.WhyProgram{Missing: "the question does not say which program wrote it"}
	}
	l, err := x.Programs.WithHash(hash)
	if err != nil {
		return api.WhyProgram{Hash: hash, Missing: err.Error()}
	}
	out := api.WhyProgram{Hash: hash, Path: l.Path}
	for _, pr := range l.Program.Predictors {
		out.Predictors = append(out.Predictors, api.WhyPredictor{Name: pr.Name, Instructions: pr.Signature.Instructions, Demonstrations: append([]program.Demo{}, pr.Demos...)})
	}
	return out
}
