package llmtest

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// Load makes the server one to measure clients against: chats are counted and
// answered with one text, and neither read nor kept, so that what is measured
// is the client. With Answer they are read, but not kept. Keys, limits and the
// latency hold as ever.
type Load struct {
	Text   string
	Answer func(Request) string
	BadKey string // requests with this key meet Bad
	Bad    *Fault
}

// SetLoad begins to serve chats as l says; nil ends it.
func (s *Server) SetLoad(l *Load) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.load = nil
	if l != nil {
		s.load = &load{text: l.Text, answer: l.Answer, badKey: hash(l.BadKey), bad: l.Bad, bodies: map[string]bool{}}
	}
}

type load struct {
	text, badKey string
	answer       func(Request) string
	bad          *Fault
	bodies       map[string]bool // hashes of what was read, under the server's mu
}

// serveLoad answers a chat under load; false: there is none.
func (s *Server) serveLoad(w http.ResponseWriter, hr *http.Request) bool {
	s.mu.Lock()
	l, latency := s.load, s.latency
	s.mu.Unlock()
	if l == nil || !strings.HasSuffix(hr.URL.Path, "/chat/completions") {
		return false
	}
	r, text := l.read(hr, http.MaxBytesReader(w, hr.Body, maxBody))
	s.mu.Lock()
	s.loaded++
	r.N = s.loaded
	s.hits[r.KeyHash]++
	if r.Body != nil {
		body := hash(string(r.Body))
		if l.bodies[body] {
			s.repeated++
		}
		l.bodies[body] = true
	}
	s.mu.Unlock()
	var fault *Fault
	if l.bad != nil && r.KeyHash == l.badKey {
		fault = l.bad
	}
	s.respond(w, hr, r, fault, latency, func() {
		s.writeJSON(w, 200, completion(r, []any{map[string]any{"index": 0, "finish_reason": "stop",
			"message": map[string]any{"role": "assistant", "content": text}}}, text))
	})
	return true
}

// read takes a request as far as its answer needs it.
func (l *load) read(hr *http.Request, body io.Reader) (r Request, text string) {
	if l.answer == nil {
		io.Copy(io.Discard, body)
		return Request{Path: hr.URL.Path, KeyHash: keyHash(hr), Model: "load", At: time.Now()}, l.text
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return Request{Path: hr.URL.Path, KeyHash: keyHash(hr), Malformed: err.Error()}, ""
	}
	if r = parseRequest(hr, raw); r.Malformed == "" {
		text = l.answer(r)
	}
	return r, text
}
