package dispatcher

import (
	"slices"
	"time"
)

// eligible are the endpoints that may serve a model: those named (all without
// names), less those that lately said they do not have it, unless none is left.
func (s *scheduler) eligible(names []string, model string, host bool) []*endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all, having []*endpoint
	now := time.Now()
	for _, e := range s.endpoints {
		if e.isHost && !host || len(names) > 0 && !slices.Contains(names, e.config.Name) {
			continue
		}
		all = append(all, e)
		if at, ok := e.missing[model]; !ok || now.Sub(at) > missingFor {
			having = append(having, e)
		}
	}
	if len(having) == 0 {
		return all
	}
	return having
}

// missingFor is how long an endpoint's word that it has no such model holds.
const missingFor = 5 * time.Minute

// outlook tells a call that failed somewhere whether anybody is left, and
// whether an endpoint that has not failed it is.
func (s *scheduler) outlook(w *want) (hopeless, untried bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.hopeless(), w.untried()
}

// failures describes the eligible endpoints for NoEndpointError; own are the
// call's own messages, by endpoint, where it has any.
func (s *scheduler) failures(w *want, own []string) []EndpointFailure {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	out := make([]EndpointFailure, len(w.eligible))
	for i, e := range w.eligible {
		message := own[i]
		if message == "" {
			message = e.lastError
		}
		if e.dead != "" {
			message = e.dead
		}
		out[i] = EndpointFailure{Name: e.config.Name, State: e.state(now), LastError: message, RetryInS: retryIn(e, now)}
	}
	return out
}
