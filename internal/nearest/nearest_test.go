package nearest_test

import (
	"testing"

	"qgen-sidecar/internal/nearest"
)

func TestOf(t *testing.T) {
	known := []string{"chunk_text", "chunk_id", "seed", "max_tokens"}
	for word, want := range map[string]string{
		"chunktext":  "chunk_text", // joins do not count
		"Chunk-Text": "chunk_text",
		"sede":       "seed",
		"max_token":  "max_tokens",
		"chunk":      "chunk_id", // two letters away; chunk_text is four
		"zzzzzzzz":   "",
		"":           "",
	} {
		if got := nearest.Of(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := nearest.Of("x", nil); got != "" {
		t.Errorf("nothing known: got %q", got)
	}
}
