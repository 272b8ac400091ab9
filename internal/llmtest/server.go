package llmtest

import (
	"net"
	"net/http"
	"sync"
	"time"
)

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

// SetLoad begins to serve chats as l says; nil ends it.
func (s *Server) SetLoad(l *Load) { s.mu.Lock(); s.load = newLoad(l); s.mu.Unlock() }
