package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// AboutHeating is a chunk that no store holds.
const AboutHeating = "The heating thermostat in each room is set by the tenant."

// EightChunks are payloads whose texts have words to ask about.
func EightChunks() []map[string]any {
	topics := []string{"deposits insurance", "balcony railings", "heating thermostat", "elevator inspection",
		"bicycle storage", "garbage collection", "laundry schedule", "parking permits"}
	var out []map[string]any
	for i, topic := range topics {
		out = append(out, map[string]any{"text": fmt.Sprintf("The tenant handbook explains %s in paragraph %d with several practical details.", topic, i+1),
			"title": "Handbook", "nested": map[string]any{"page": i + 1}})
	}
	return out
}

// NewNumbered is a world with a store of chunks "0 …" to "39 …" and "4~ …", a near twin of
// the fourth, as point 41.
func NewNumbered(t *testing.T, more Setup) *World {
	for i := range 40 {
		more.Chunks = append(more.Chunks, map[string]any{"text": fmt.Sprintf("%d is what this text is about.", i)})
	}
	more.Chunks = append(more.Chunks, map[string]any{"text": "4~ is what this one is about."})
	more.NoEmbed, more.Embed = true, byNumber
	more.Host.Embed = func(_ context.Context, texts []string, _ string) ([][]float32, error) {
		out := make([][]float32, len(texts))
		for i, text := range texts {
			out[i] = byNumber(text)
		}
		return out, nil
	}
	return New(t, more)
}

// byNumber embeds "3 …" as the third axis, and "3~ …" near it.
func byNumber(text string) []float32 {
	v := make([]float32, 64)
	var axis int
	fmt.Sscanf(text, "%d", &axis)
	v[axis] = 1
	if strings.Contains(text, "~") {
		v[63] = 0.1
	}
	return v
}
