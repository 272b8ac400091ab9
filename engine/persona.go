package engine

import (
	"context"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
)

// ChoosePersona chooses who would ask about a chunk.
func (e *Engine) ChoosePersona(ctx context.Context, p api.ChoosePersonaParams) (*api.PersonaResult, error) {
	c, err := e.lm.Begin(ctx, "choose-persona", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	result, err := e.persona.Choose(c, p.ChunkText, p.ChunkID)
	return result, c.Fault(err)
}

// Personas lists who could ask about a chunk, the best fitting first: what a
// person chooses another one from. Empty where the source knows only one.
func (e *Engine) Personas(ctx context.Context, p api.ChoosePersonaParams) ([]api.PersonaResult, error) {
	c, err := e.lm.Begin(ctx, "choose-persona", p.Call, dispatcher.Suggesting, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	out, err := e.persona.List(c, p.ChunkText)
	return out, c.Fault(err)
}
