package enginetest

import (
	"context"
	"strings"

	"qgen-sidecar/internal/llmtest"
)

// Script has the models ask the same question of every chunk; the gate "answerable" is
// told yes, with the quote "balcony railings".
func Script(w *World, query string) {
	w.LLM.Handle(func(r llmtest.Request) string {
		var b strings.Builder
		for field, text := range map[string]string{"query_type": "t", "query_format": "f", "query": query, "answerable": "yes", "quote": "balcony railings"} {
			if strings.Contains(r.System(), field) {
				b.WriteString("[[ ## " + field + " ## ]]\n" + text + "\n")
			}
		}
		return b.String()
	})
}

// HostEmbed embeds as the model server does, and can be the host's own function.
func HostEmbed(_ context.Context, texts []string, _ string) ([][]float32, error) {
	var out [][]float32
	for _, text := range texts {
		out = append(out, llmtest.Embed(text))
	}
	return out, nil
}
