package dispatcher

import (
	"context"
	"fmt"
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
			RPMUsed: e.minute.requests.sum(now), RPMLimit: e.rpmLimit(),
			TPMUsed: e.minute.tokens.sum(now), TPMLimit: e.tokens.perMinute(),
			OK: e.answered, Failed: e.failed, RateLimited: e.limited,
			P50MS: milliseconds(e.quantile(0.5)), P95MS: milliseconds(e.quantile(0.95)), LastError: e.lastError,
		}
		if e.dead != "" {
			out[i].LastError = e.dead
		}
	}
	return out
}

// rpmLimit is the limit as configured, told or found; 0: not known.
func (e *endpoint) rpmLimit() int {
	if e.learn.ceiling > 0 {
		return int(e.learn.ceiling*60 + 0.5)
	}
	return e.requests.perMinute()
}

// queued counts the waiting calls that each endpoint could take.
func (s *scheduler) queued() map[*endpoint]int {
	out := map[*endpoint]int{}
	for i := range s.classes {
		for _, f := range s.classes[i].flows {
			for at := f.calls.Front(); at != nil; at = at.Next() {
				for _, e := range at.Value.(*want).eligible {
					out[e]++
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
	e.dead = ""
	e.up()
	s.pump()
}

func (s *scheduler) snapshot() []*endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*endpoint(nil), s.endpoints...)
}
