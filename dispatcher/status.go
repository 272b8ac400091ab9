package dispatcher

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Status is a snapshot, in the order of the config.
func (d *Dispatcher) Status() []EndpointStatus { return d.scheduler.status() }

func (s *scheduler) status() []EndpointStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, queued := time.Now(), s.queued()
	out := make([]EndpointStatus, len(s.endpoints))
	for i, e := range s.endpoints {
		out[i] = EndpointStatus{
			Name: e.config.Name, State: e.state(now), InFlight: e.inFlight.Len(), Queued: queued[e],
			OK: e.answered, Failed: e.failed, RateLimited: e.limited,
			P50MS: milliseconds(e.quantile(0.5)), P95MS: milliseconds(e.quantile(0.95)), LastError: e.lastError,
		}
		for _, m := range e.limits {
			out[i].RPMUsed += m.minute.requests.sum(now)
			out[i].TPMUsed += m.minute.tokens.sum(now)
			out[i].RPMLimit = max(out[i].RPMLimit, m.perMinute())
			out[i].TPMLimit = max(out[i].TPMLimit, m.tokens.perMinute())
		}
		if e.dead != "" {
			out[i].LastError = e.dead
		}
	}
	return out
}

// priorityNames are the priorities as status calls them.
var priorityNames = [...]string{Interactive: "interactive", Suggesting: "suggesting", Batch: "batch"}

// Queue says what waits and why: a line for each job in each class, the most
// urgent class first, empty when every call has its place.
func (d *Dispatcher) Queue() []Waiting {
	s := d.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Waiting
	now := time.Now()
	for p := range s.classes {
		from := len(out)
		first := map[string]*want{}
		for at := s.classes[p].turns.Front(); at != nil; at = at.Next() {
			calls := at.Value.(*flow).calls
			w := calls.Front().Value.(*want)
			i := slices.IndexFunc(out[from:], func(q Waiting) bool { return q.Job == w.job })
			if i < 0 {
				i = len(out) - from
				out = append(out, Waiting{Job: w.job, Priority: priorityNames[p]})
			}
			q := &out[from+i]
			q.Calls += calls.Len()
			if f := first[w.job]; f == nil || w.since.Before(f.since) {
				first[w.job] = w
				q.OldestS, q.Why = seconds(now.Sub(w.since)), w.why(now)
			}
		}
	}
	return out
}

// why says for each endpoint what keeps the call from it.
func (w *want) why(now time.Time) string {
	reasons := make([]string, len(w.eligible))
	for i, e := range w.eligible {
		reasons[i] = e.config.Name + ": " + e.keeps(e.lane.limits, w.tries[i], now)
	}
	return strings.Join(reasons, "; ")
}

// keeps is what keeps a call from the endpoint, whose limits are m and which has
// failed it so often.
func (e *endpoint) keeps(m *limits, tries int, now time.Time) string {
	switch {
	case e.dead != "":
		return "dead"
	case tries >= maxTries:
		return "has failed this call"
	case e.cooling(now):
		return fmt.Sprintf("down, asked again in %.1f s", e.coolUntil.Sub(now).Seconds())
	case m.closed(now):
		return fmt.Sprintf("asked to wait %.1f s more", m.closedUntil.Sub(now).Seconds())
	case m.requests.readyAt().After(now):
		return fmt.Sprintf("at its limit of %d requests a minute", m.requests.perMinute())
	case m.tokens.readyAt().After(now):
		return fmt.Sprintf("at its limit of %d tokens a minute", m.tokens.perMinute())
	case e.inFlight.Len() >= e.room():
		return fmt.Sprintf("%d calls in flight, no place free", e.inFlight.Len())
	}
	return "others are before it"
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

// perMinute is the limit of requests as configured, told or found; 0: not known.
func (m *limits) perMinute() int {
	if m.learn.ceiling > 0 {
		return int(m.learn.ceiling*60 + 0.5)
	}
	return m.requests.perMinute()
}

// queued counts the waiting calls that each endpoint could take.
func (s *scheduler) queued() map[*endpoint]int {
	out := map[*endpoint]int{}
	for i := range s.classes {
		for _, f := range s.classes[i].flows {
			for at := f.calls.Front(); at != nil; at = at.Next() {
				for _, e := range at.Value.(*want).eligible {
					out[e.endpoint]++
				}
			}
		}
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Probe asks an endpoint nothing but whether it can be reached with its key,
// and brings back to life one that was dead and now can. An endpoint without a
// list of models passes: model is checked by asking it.
func (d *Dispatcher) Probe(ctx context.Context, name, model string) error {
	e := d.scheduler.find(name)
	if e == nil {
		return fmt.Errorf("no endpoint is called %q", name)
	}
	if why := unsetKey(e.config); why != "" {
		return &NoEndpointError{Model: model, Endpoints: []EndpointFailure{{Name: name, State: "dead", LastError: why}}}
	}
	c, ok := e.backend.(*client)
	if !ok {
		return nil
	}
	ctx, cancel := attemptTimeout(ctx, e.config.Timeout)
	defer cancel()
	switch o := c.probe(ctx); o.kind {
	case answered:
		d.scheduler.revive(e)
		return nil
	case abandoned:
		return context.Cause(ctx)
	case denied:
		return &NoEndpointError{Model: model, Endpoints: []EndpointFailure{{Name: name, State: "dead", LastError: o.message}}}
	default:
		return &NoEndpointError{Model: model, Endpoints: []EndpointFailure{{Name: name, State: "cooling", LastError: o.message}}}
	}
}

func (s *scheduler) find(name string) *endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.endpoints {
		if e.config.Name == name {
			return e
		}
	}
	return nil
}

func (s *scheduler) revive(e *endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.dead, e.failures, e.opened = "", 0, 0
	s.pump()
}

func (s *scheduler) snapshot() []*endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*endpoint(nil), s.endpoints...)
}
