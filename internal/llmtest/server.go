package llmtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// maxBody bounds a request; larger ones are refused with 413.
const maxBody = 16 << 20

// Server is one running server. Safe for concurrent use.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{} // closed by Close: lets hanging requests go
	stop     sync.Once

	mu       sync.Mutex
	requests []Request
	statuses map[int]int
	latency  time.Duration
	keys     map[string]bool // hashes; empty: any key or none
	fault    func(n int, r Request) *Fault
	handle   func(Request) string
	limiter  *limiter
	draws    map[string]int // nil: equal requests get equal answers
	load     *load
	loaded   int            // requests under load, which are not in the log
	repeated int            // those of them that were read and came before, byte for byte
	hits     map[string]int // by key hash
}

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

// URL is the base that clients are given, with /v1.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/v1" }

// Close ends the server and every connection, hanging ones too.
func (s *Server) Close() {
	s.stop.Do(func() {
		close(s.done)
		s.http.Close()
	})
}

// SetLatency delays every answer.
func (s *Server) SetLatency(d time.Duration) { s.mu.Lock(); s.latency = d; s.mu.Unlock() }

// SetKey demands one of these bearer keys; anything else gets a 401 that, like
// some real servers, repeats the key it was given.
func (s *Server) SetKey(keys ...string) {
	hashes := map[string]bool{}
	for _, k := range keys {
		hashes[hash(k)] = true
	}
	s.mu.Lock()
	s.keys = hashes
	s.mu.Unlock()
}

// SetRPM limits each key to rpm requests a minute with the given burst; 0 takes
// the limit away. What goes over it gets a 429. Headers tell of it as told says.
func (s *Server) SetRPM(rpm, burst int, told ...Hints) {
	s.mu.Lock()
	s.limiter = newLimiter(rpm, burst, told...)
	s.mu.Unlock()
}

// SetDraws makes the n-th answer to an equal request with a temperature above 0
// another one, as sampling would.
func (s *Server) SetDraws(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draws = nil
	if on {
		s.draws = map[string]int{}
	}
}

// Fault is asked before each answer, n counting requests from 1; nil means no
// fault.
func (s *Server) Fault(f func(n int, r Request) *Fault) { s.mu.Lock(); s.fault = f; s.mu.Unlock() }

// Handle scripts the text of chat replies; nil brings the default back.
func (s *Server) Handle(f func(Request) string) { s.mu.Lock(); s.handle = f; s.mu.Unlock() }

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

func (s *Server) models(w http.ResponseWriter, _ Request, _ *Fault) {
	s.writeJSON(w, 200, map[string]any{"object": "list", "data": []any{
		map[string]any{"id": "llmtest", "object": "model", "created": 0, "owned_by": "llmtest"},
	}})
}

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

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
