package lm

import (
	"context"

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
