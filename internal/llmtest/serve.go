package llmtest

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// maxBody bounds a request; larger ones are refused with 413.
const maxBody = 16 << 20

// New starts a server on a free loopback port and ends it with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s, err := Start("127.0.0.1:0")
	if err != nil {
		tb.Fatalf("llmtest: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start serves on addr until Close.
func Start(addr string) (*Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &Server{listener: listener, done: make(chan struct{}), statuses: map[int]int{}, hits: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.serve(s.chat))
	mux.HandleFunc("POST /v1/embeddings", s.serve(s.embeddings))
	mux.HandleFunc("GET /v1/models", s.serve(s.models))
	mux.HandleFunc("GET /stats", s.stats)
	s.http = &http.Server{Handler: mux}
	go s.http.Serve(listener)
	return s, nil
}

// serve wraps a handler with what holds for every request: the log, the key,
// the limit, the latency and the fault.
func (s *Server) serve(answer func(http.ResponseWriter, Request, *Fault)) http.HandlerFunc {
	return func(w http.ResponseWriter, hr *http.Request) {
		if s.serveLoad(w, hr) {
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, hr.Body, maxBody))
		if err != nil {
			s.writeError(w, 413, "the body could not be read: "+err.Error(), "invalid_request_error", "", nil)
			return
		}
		r, fault, latency := s.log(parseRequest(hr, body))
		s.respond(w, hr, r, fault, latency, func() { answer(w, r, fault) })
	}
}

// respond waits, misbehaves, refuses or answers.
func (s *Server) respond(w http.ResponseWriter, hr *http.Request, r Request, fault *Fault, latency time.Duration, answer func()) {
	if fault != nil && fault.Latency > 0 {
		latency = fault.Latency
	}
	if !s.wait(hr.Context(), latency) {
		panic(http.ErrAbortHandler)
	}
	if fault != nil && s.misbehave(w, hr, fault) {
		return
	}
	if s.admit(w, hr, r) {
		answer()
	}
}

// log numbers the request and asks for its fault.
func (s *Server) log(r Request) (Request, *Fault, time.Duration) {
	s.mu.Lock()
	r.N = len(s.requests) + 1
	s.requests = append(s.requests, r)
	s.hits[r.KeyHash]++
	decide, latency := s.fault, s.latency
	s.mu.Unlock()
	if decide == nil {
		return r, nil, latency
	}
	return r, decide(r.N, r), latency
}

// wait reports whether the time passed with the client and the server alive.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}

// admit checks key, limit and shape.
func (s *Server) admit(w http.ResponseWriter, hr *http.Request, r Request) bool {
	s.mu.Lock()
	keys, limiter := s.keys, s.limiter
	s.mu.Unlock()
	if len(keys) > 0 && !keys[r.KeyHash] {
		key := strings.TrimPrefix(hr.Header.Get("Authorization"), "Bearer ")
		s.writeError(w, 401, "Incorrect API key provided: "+key, "invalid_request_error", "invalid_api_key", nil)
		return false
	}
	if headers, ok := limiter.take(r.KeyHash); !ok {
		s.writeError(w, 429, "Rate limit reached for requests", "requests", "rate_limit_exceeded", headers)
		return false
	} else {
		for k, v := range headers {
			w.Header().Set(k, v)
		}
	}
	if r.Malformed != "" {
		s.writeError(w, 400, r.Malformed, "invalid_request_error", "", nil)
		return false
	}
	return true
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
	s.respond(w, hr, r, l.fault(r), latency, func() {
		s.writeJSON(w, 200, completion(r, []any{map[string]any{"index": 0, "finish_reason": "stop",
			"message": map[string]any{"role": "assistant", "content": text}}}, text))
	})
	return true
}
