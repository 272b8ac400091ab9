package dispatcher

import (
	"slices"
	"time"
)

// target is where a call may go: an endpoint, and the model's lane there.
type target struct {
	*endpoint
	lane *lane
}

// eligible are the targets of a model: the endpoints named (all without names),
// less those that lately said they do not have it, unless none is left.
func (s *scheduler) eligible(names []string, model string, host bool) []target {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]target, 0, len(s.endpoints))
	without := 0
	now := time.Now()
	for _, e := range s.endpoints {
		if e.isHost && !host || len(names) > 0 && !slices.Contains(names, e.config.Name) {
			continue
		}
		e.rouse(now)
		all = append(all, target{e, e.lane(model)})
		if e.lacks(model, now) {
			without++
		}
	}
	if without > 0 && without < len(all) {
		all = slices.DeleteFunc(all, func(t target) bool { return t.lacks(model, now) })
	}
	return all
}

// Capacity is how many calls may be in flight at once at the endpoints named,
// each counted once, and at all of them where a list is empty. Dead endpoints
// count too: they may come back.
func (d *Dispatcher) Capacity(names ...[]string) int {
	s := d.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := 0
	for _, e := range s.endpoints {
		if slices.ContainsFunc(names, func(list []string) bool { return len(list) == 0 || slices.Contains(list, e.config.Name) }) {
			sum += e.config.MaxInFlight
		}
	}
	return sum
}

func (e *endpoint) lacks(model string, now time.Time) bool {
	at, ok := e.missing[model]
	return ok && now.Sub(at) <= missingFor
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
		message := e.lastError
		if len(own) > 0 && own[i] != "" {
			message = own[i]
		}
		if e.dead != "" {
			message = e.dead
		}
		out[i] = EndpointFailure{Name: e.config.Name, State: e.state(now), LastError: message, RetryInS: retryIn(e.endpoint, now)}
	}
	return out
}
