package schedule

import (
	"slices"
	"time"

	"qgen-sidecar/dispatcher/limits"
)

// SetHost adds the host's own function, or replaces it.
func (s *Scheduler) SetHost(host *Endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []*Endpoint
	for _, e := range s.endpoints {
		if !e.Host {
			kept = append(kept, e)
		}
	}
	s.endpoints = append(kept, host)
}

// Endpoints are all, in the order of the config, the host last.
func (s *Scheduler) Endpoints() []*Endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Endpoint(nil), s.endpoints...)
}

// Find is the endpoint of a name; nil: there is none.
func (s *Scheduler) Find(name string) *Endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.endpoints {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Eligible are the targets of a model: the endpoints named (all without names),
// less those that lately said they do not have it, unless none is left. The host's
// function is one of them only where host says so.
func (s *Scheduler) Eligible(names []string, model string, host bool) []Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Target, 0, len(s.endpoints))
	without := 0
	now := time.Now()
	for _, e := range s.endpoints {
		if e.Host && !host || len(names) > 0 && !slices.Contains(names, e.Name) {
			continue
		}
		e.rouse(now)
		all = append(all, Target{e, e.lane(model)})
		if e.lacks(model, now) {
			without++
		}
	}
	if without > 0 && without < len(all) {
		all = slices.DeleteFunc(all, func(t Target) bool { return t.lacks(model, now) })
	}
	return all
}

// Capacity is how many calls may be in flight at once at the endpoints named,
// each counted once, and at all of them where a list is empty. Dead endpoints
// count too: they may come back.
func (s *Scheduler) Capacity(names ...[]string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := 0
	for _, e := range s.endpoints {
		if slices.ContainsFunc(names, func(list []string) bool { return len(list) == 0 || slices.Contains(list, e.Name) }) {
			sum += e.MaxInFlight
		}
	}
	return sum
}

// Outlook tells a call that failed somewhere whether anybody is left, and
// whether an endpoint that has not failed it is.
func (s *Scheduler) Outlook(w *Want) (hopeless, untried bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.hopeless(), w.untried()
}

// Quantile of the latencies of an endpoint's last answers; 0 while there are fewer
// than least.
func (s *Scheduler) Quantile(e *Endpoint, q float64, least int) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.answered < least {
		return 0
	}
	return e.quantile(q)
}

// Revive brings a dead endpoint back, and closes its breaker.
func (s *Scheduler) Revive(e *Endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.dead, e.failures, e.opened = "", 0, 0
	s.pump()
}

// Findings are all that this process found out about limits, if there is one more
// than the last time.
func (s *Scheduler) Findings() (out []limits.Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unsaved {
		return nil
	}
	s.unsaved = false
	for _, e := range s.endpoints {
		if !e.Host {
			out = append(out, e.limits.Findings()...)
		}
	}
	return out
}
