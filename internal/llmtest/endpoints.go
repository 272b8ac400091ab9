package llmtest

import "net/http"

// The endpoints beside chat.

func (s *Server) embeddings(w http.ResponseWriter, r Request, _ *Fault) {
	data, tokens := make([]any, len(r.Input)), 0
	for i, text := range r.Input {
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": Embed(text)}
		tokens += tokenCount(text)
	}
	s.writeJSON(w, 200, map[string]any{"object": "list", "model": r.Model, "data": data,
		"usage": map[string]int{"prompt_tokens": tokens, "total_tokens": tokens}})
}

func (s *Server) models(w http.ResponseWriter, _ Request, _ *Fault) {
	s.writeJSON(w, 200, map[string]any{"object": "list", "data": []any{
		map[string]any{"id": "llmtest", "object": "model", "created": 0, "owned_by": "llmtest"},
	}})
}
