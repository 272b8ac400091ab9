package llmtest

import (
	"fmt"
	"net/http"
	"strings"
)

// chat answers a chat completion, scripted or by Answer.
func (s *Server) chat(w http.ResponseWriter, r Request, f *Fault) {
	s.mu.Lock()
	handle, draw := s.handle, s.draw(r)
	s.mu.Unlock()
	var text string
	if handle != nil {
		text = handle(r)
	} else {
		text = answer(r, draw)
	}
	text, finish := cutAt(text, r.MaxTokens)
	if f != nil && f.Kind == NoChoices {
		s.writeJSON(w, 200, completion(r, nil, ""))
		return
	}
	content, refusal, finish := spoil(f, text, finish)
	choice := map[string]any{"index": 0, "finish_reason": finish, "logprobs": nil,
		"message": map[string]any{"role": "assistant", "content": content, "refusal": refusal}}
	if r.Stream {
		s.stream(w, r, text, finish)
		return
	}
	s.writeJSON(w, 200, completion(r, []any{choice}, text))
}

// draw is how often an equal request was answered before; s.mu is held.
func (s *Server) draw(r Request) int {
	if s.draws == nil || r.Temperature == nil || *r.Temperature < 1e-6 {
		return 0
	}
	key := hash(string(r.Body))
	s.draws[key]++
	return s.draws[key] - 1
}

func cutAt(text string, maxTokens int) (string, string) {
	if maxTokens > 0 && tokenCount(text) > maxTokens {
		return strings.ToValidUTF8(text[:4*maxTokens], ""), "length"
	}
	return text, "stop"
}

func completion(r Request, choices []any, text string) map[string]any {
	if choices == nil {
		choices = []any{}
	}
	prompt, out := 0, tokenCount(text)
	for _, m := range r.Messages {
		prompt += tokenCount(m.Content)
	}
	return map[string]any{"id": fmt.Sprintf("chatcmpl-%d", r.N), "object": "chat.completion", "created": 0,
		"model": r.Model, "choices": choices,
		"usage": map[string]int{"prompt_tokens": prompt, "completion_tokens": out, "total_tokens": prompt + out}}
}

// stream sends the whole text as one chunk, then the end.
func (s *Server) stream(w http.ResponseWriter, r Request, text, finish string) {
	s.count(200)
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(200)
	fmt.Fprintf(w, "data: {\"id\":\"chatcmpl-%d\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":%q,\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":%s},\"finish_reason\":null}]}\n\n",
		r.N, r.Model, quote(text))
	fmt.Fprintf(w, "data: {\"id\":\"chatcmpl-%d\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":%q,\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":%q}]}\n\ndata: [DONE]\n\n",
		r.N, r.Model, finish)
}
