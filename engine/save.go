package engine

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
func (e *Engine) SaveQuestion(ctx context.Context, p api.SaveQuestionParams) (*api.SaveQuestionResult, error) {
	c, err := e.lm.Begin(ctx, "save-question", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	if err := api.RequireText("query", p.Query); err != nil {
		return nil, err
	}
	if p.ChunkID.IsZero() {
		return nil, &api.ParamError{Param: "chunk_id", Expected: "the chunk's id", Found: "none"}
	}
	if err := e.canSave(c.Ctx, p.Vector); err != nil {
		return nil, c.Fault(err)
	}
	q := store.Question{Query: p.Query, ChunkID: p.ChunkID, QueryType: p.QueryType, QueryFormat: p.QueryFormat, Payload: p.Payload, Vector: p.Vector}
	if p.PersonaDescription != nil {
		q.Persona = *p.PersonaDescription
	}
	id, err := e.saveQuestion(c, q)
	if err != nil {
		return nil, c.Fault(err)
	}
	return &api.SaveQuestionResult{PointID: id}, nil
}

// canSave: found out before anything is paid for.
func (e *Engine) canSave(ctx context.Context, vector []float32) error {
	if err := e.store.Ready(ctx); err != nil {
		return err
	}
	if len(vector) > 0 {
		if err := vectors.CheckFinite(vector); err != nil {
			return &api.ParamError{Param: "vector", Expected: "finite numbers", Found: err.Error()}
		}
		return nil
	}
	if !e.lm.CanEmbed() {
		return lm.NeedEmbed("vector", "to save the question with")
	}
	return nil
}

// saveQuestion saves a question, embedded now if it is not yet.
func (e *Engine) saveQuestion(c *lm.Call, q store.Question) (any, error) {
	ready, err := e.store.Prepare(c.Ctx, q)
	if err != nil {
		return nil, err
	}
	if len(ready.Vector) == 0 {
		vectors, err := e.lm.Embed(c, []string{q.Query}, lm.ForQuery)
		if err != nil {
			return nil, err
		}
		ready.Vector = vectors[0]
	}
	return e.store.Save(c.Ctx, ready, c.Usage())
}
