package lm

import (
	"context"
	"fmt"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
)

// Host is the application's side: the callbacks it declared at initialize.
// A nil function is a callback not offered.
type Host struct {
	ChoosePersona func(ctx context.Context, chunkText string, chunkID api.ChunkID, trace string) (*api.PersonaResult, error)
	Score         func(ctx context.Context, chunkText, persona, gold, query string) (score int, reason string, err error)
	Complete      dispatcher.HostComplete
	Embed         func(ctx context.Context, texts []string, purpose string) ([][]float32, error)
	EmbedModel    string // "" when only `true` was declared
	EmbedDim      int
}

// HostScores reports that the host offers score.
func (m *Models) HostScores() bool { return m.host.Score != nil }

// ScoreByHost has the host score a question, 1 to 5, within limits.host_callback_s.
// Faults are *api.CallbackError.
func (m *Models) ScoreByHost(ctx context.Context, chunk, persona, gold, query string) (score int, reason string, err error) {
	ctx, cancel := m.callbackContext(ctx)
	defer cancel()
	score, reason, err = m.host.Score(ctx, chunk, persona, gold, query)
	if err == nil && (score < 1 || score > 5) {
		err = fmt.Errorf("expected a score from 1 to 5, found %d", score)
	}
	return score, reason, m.callbackFault(ctx, "score", err)
}

// HostChoosesPersona reports that the host offers choose_persona.
func (m *Models) HostChoosesPersona() bool { return m.host.ChoosePersona != nil }

// PersonaOfHost has the host choose who asks, within limits.host_callback_s; nil: nobody.
// Faults are *api.CallbackError.
func (m *Models) PersonaOfHost(ctx context.Context, c *Call, chunk string, id api.ChunkID) (*api.PersonaResult, error) {
	ctx, cancel := m.callbackContext(ctx)
	defer cancel()
	chosen, err := m.host.ChoosePersona(ctx, chunk, id, c.Trace)
	return chosen, m.callbackFault(ctx, "choose-persona", err)
}
