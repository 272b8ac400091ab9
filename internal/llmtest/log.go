package llmtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// Requests is a copy of the log, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Chats is the log's chat completions.
func (s *Server) Chats() []Request {
	var chats []Request
	for _, r := range s.Requests() {
		if r.Chat() {
			chats = append(chats, r)
		}
	}
	return chats
}

// Count is how many requests came, of any kind.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// Statuses counts the answers given by HTTP status.
func (s *Server) Statuses() map[int]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.statuses)
}

// Hits counts requests by their key's hash, those under load too.
func (s *Server) Hits() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.hits)
}

// Repeated counts requests under load with an answer whose body had come before.
func (s *Server) Repeated() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.repeated
}

// stats is the log's numbers, for tests in other processes.
func (s *Server) stats(w http.ResponseWriter, _ *http.Request) {
	requests, chats := s.Count(), len(s.Chats())
	statuses := s.Statuses()
	raw, _ := json.Marshal(map[string]any{"requests": requests, "chats": chats, "statuses": statuses, "hits": s.Hits(), "repeated": s.Repeated()})
	w.Header().Set("Content-Type", "application/json")
	w.Write(raw)
}
