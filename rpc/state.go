package rpc

import (
	"context"
	"sync"
)

// phase is where the handshake stands.
type phase int

const (
	fresh    phase = iota // only initialize is allowed
	starting              // initialize runs; others wait for it
	ready
	stopped // after shutdown: only exit
)

// state is the handshake. A failed initialize makes it fresh again.
type state struct {
	mu      sync.Mutex
	phase   phase
	settled chan struct{} // closed when the initialize that runs is over
	service Service       // set from ready on
}

// claim makes the caller the initialize that runs, if none was before it.
func (s *state) claim() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != fresh {
		return false
	}
	s.phase, s.settled = starting, make(chan struct{})
	return true
}

// settle ends the claimed initialize; svc nil: it failed. A Service that comes
// when the session has ended already is closed here.
func (s *state) settle(svc Service) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.phase == stopped && svc != nil:
		go svc.Close()
	case s.phase == starting && svc != nil:
		s.phase, s.service = ready, svc
	case s.phase == starting:
		s.phase = fresh
	}
	close(s.settled)
}

// gate waits while initialize runs, then says whether another method may run.
func (s *state) gate(ctx context.Context) (Service, error) {
	for {
		s.mu.Lock()
		p, settled, svc := s.phase, s.settled, s.service
		s.mu.Unlock()
		switch p {
		case fresh:
			return nil, errNotInitialized
		case ready:
			return svc, nil
		case stopped:
			return nil, errStopped
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// gateAgain is gate for an initialize that found another before it: when that
// one failed, it takes its place.
func (s *state) gateAgain(ctx context.Context) error {
	for {
		_, err := s.gate(ctx)
		switch err {
		case nil:
			return errTwice
		case errNotInitialized:
			if s.claim() {
				return nil
			}
		default:
			return err
		}
	}
}

// shutdown refuses what comes after; exit then ends the session.
func (s *state) shutdown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = stopped
}

// take hands the Service out for closing, once.
func (s *state) take() Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	svc := s.service
	s.service, s.phase = nil, stopped
	return svc
}
