package generate

import (
	"context"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/vectors"
)

// SaveQuestion saves a question that the caller has. It is on disk before this
// returns.
func (g *Generator) SaveQuestion(ctx context.Context, p api.SaveQuestionParams) (*api.SaveQuestionResult, error) {
	ctx, call, err := g.Models.Begin(ctx, "save-question", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer call.End()
	if err := api.RequireText("query", p.Query); err != nil {
		return nil, err
	}
	if p.ChunkID.IsZero() {
		return nil, &api.ParamError{Param: "chunk_id", Expected: "the chunk's id", Found: "none"}
	}
	if err := g.canSave(ctx, p.Vector); err != nil {
		return nil, call.Fault(ctx, err)
	}
	q := store.Question{Query: p.Query, ChunkID: p.ChunkID, QueryType: p.QueryType, QueryFormat: p.QueryFormat, Payload: p.Payload, Vector: p.Vector}
	if p.PersonaDescription != nil {
		q.Persona = *p.PersonaDescription
	}
	id, err := g.save(ctx, call, q, call.Usage)
	if err != nil {
		return nil, call.Fault(ctx, err)
	}
	return &api.SaveQuestionResult{PointID: id}, nil
}

// canSave: found out before anything is paid for.
func (g *Generator) canSave(ctx context.Context, vector []float32) error {
	if err := g.Store.Ready(ctx); err != nil {
		return err
	}
	if len(vector) > 0 {
		if err := vectors.CheckFinite(vector); err != nil {
			return &api.ParamError{Param: "vector", Expected: "finite numbers", Found: err.Error()}
		}
		return nil
	}
	if !g.Models.CanEmbed() {
		return lm.NeedEmbed("vector", "to save the question with")
	}
	return nil
}

// save saves a question, embedded now if it is not yet. paid is what the question
// came to, its embedding included.
func (g *Generator) save(ctx context.Context, call *lm.Call, q store.Question, paid func() api.Usage) (any, error) {
	ready, err := g.Store.Prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(ready.Vector) == 0 {
		vectors, err := g.Models.Embed(ctx, call, []string{q.Query}, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		ready.Vector = vectors[0]
	}
	return g.Store.Save(ctx, ready, paid())
}
