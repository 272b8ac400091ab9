package enginetest

import (
	"testing"

	"qgen-sidecar/engine/api"
)

// TypeMix wants three types of questions in other shares.
const TypeMix = "[quality.type_mix]\nfactual = 5\nhow-to = 3\ncomparison = 2\n"

// AboutChunk asks for a question of the i-th of [EightChunks], for a tenant.
func AboutChunk(i int) api.GenerateParams {
	return api.GenerateParams{ChunkText: EightChunks()[i-1]["text"].(string), ChunkID: api.NewChunkID(i), PersonaDescription: new("a tenant")}
}

// GenerateAll asks of every chunk, into out.jsonl where the parameters name no output.
func GenerateAll(t *testing.T, w *World, p api.GenerateAllParams) *api.GenerateAllResult {
	t.Helper()
	if p.Output == "" {
		p.Output = w.Path("out.jsonl")
	}
	return Must(w.GenerateAll(t.Context(), p))(t).(*api.GenerateAllResult)
}
