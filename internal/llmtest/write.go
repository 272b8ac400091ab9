package llmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

func (s *Server) writeError(w http.ResponseWriter, status int, message, kind, code string, headers map[string]string) {
	for k, v := range headers {
		w.Header().Set(k, v)
	}
	s.writeJSON(w, status, errorBody(message, kind, code))
}

func errorBody(message, kind, code string) map[string]any {
	e := map[string]any{"message": message, "type": kind, "param": nil, "code": nil}
	if code != "" {
		e["code"] = code
	}
	return map[string]any{"error": e}
}

func (s *Server) writeJSON(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		status, raw = 500, []byte(fmt.Sprintf(`{"error":{"message":%q}}`, err.Error()))
	}
	s.writeRaw(w, status, raw)
}

func (s *Server) writeRaw(w http.ResponseWriter, status int, body []byte) {
	s.count(status)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

func (s *Server) count(status int) { s.mu.Lock(); s.statuses[status]++; s.mu.Unlock() }
