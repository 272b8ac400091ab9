package stream

import (
	"strconv"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// Deposit keeps body and returns its ticket, which travels through the library
// in its place.
func (s *Stream) Deposit(body []byte) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	s.payload[s.next] = body
	return s.next
}

// Redeem takes the bytes behind a ticket; nil when there are none.
func (s *Stream) Redeem(ticket uint64) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := s.payload[ticket]
	delete(s.payload, ticket)
	return body
}

// redeem is Redeem of a ticket as it is written in an envelope.
func (s *Stream) redeem(ticket []byte) []byte {
	n, err := strconv.ParseUint(string(ticket), 10, 64)
	if err != nil {
		return nil
	}
	return s.Redeem(n)
}

// Params takes an incoming request's parameters; nil: absent.
func (s *Stream) Params(req *jsonrpc2.Request) []byte {
	if req.Params == nil {
		return nil
	}
	return s.redeem(*req.Params)
}

// CallerID is the id of a request as the host sent it; nil when it is answered.
func (s *Stream) CallerID(n uint64) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owed[n].id
}

// Number finds the request in flight that the host calls id.
func (s *Stream) Number(id []byte) (uint64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.byID[idKey(id)]
	return n, ok
}

// Ask gives a number to a call of ours.
func (s *Stream) Ask() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	s.asked[s.next] = true
	return s.next
}

// Abandon says that nobody waits for the answer any more.
func (s *Stream) Abandon(n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, open := s.asked[n]; open {
		s.asked[n] = false
	}
}

// batch collects the replies to the members of one JSON-RPC batch.
type batch struct {
	mu      sync.Mutex
	left    int // replies still to come
	replies []byte
}

// add returns the whole array once the last reply is in.
func (b *batch) add(reply []byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	sep := byte(',')
	if b.replies == nil {
		sep = '['
	}
	b.replies = append(append(b.replies, sep), reply...)
	if b.left--; b.left > 0 {
		return nil
	}
	return append(b.replies, ']')
}
