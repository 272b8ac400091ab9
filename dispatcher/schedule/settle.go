package schedule

import (
	"fmt"
	"time"

	"qgen-sidecar/dispatcher/outcome"
)

// Release gives a lease back with what became of the call, and reports how the
// endpoint's state changed by it: Ready, Cooling or Dead, "" when it did not. A
// refusal of a request that no limit has room for becomes one that is rejected.
func (s *Scheduler) Release(l *Lease, o *outcome.Outcome) (changed string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := l.state(l.sent.at)
	s.settle(l, o)
	s.pump()
	if after := l.state(time.Now()); after != before {
		return after
	}
	return ""
}

// settle is the one place where an outcome changes an endpoint.
func (s *Scheduler) settle(l *Lease, o *outcome.Outcome) {
	e, m, now := l.Endpoint, l.lane.limits, time.Now()
	l.vacate()
	m.Settle(now, l.taken, o.Answer.Tokens())
	if o.Message != "" {
		e.lastError = o.Message
	}
	switch o.Kind {
	case outcome.Answered:
		e.succeeded(l.lane, now.Sub(l.sent.at))
		m.Answered(now)
		m.Told(now, l.taken, o.Hints.Credible(o.Answer.Tokens()), e.inFlight.Len())
	case outcome.Unusable, outcome.Rejected:
		e.failed++
		e.up(l.lane)
		m.Told(now, l.taken, o.Hints, e.inFlight.Len())
	case outcome.Missing:
		e.up(l.lane)
		e.missing[o.Model] = now
	case outcome.Limited:
		s.limited(l, o, now)
	case outcome.Failed:
		e.broke(now, l.sent.at, o.Hints.RetryAfter)
	case outcome.Denied:
		e.failed++
		if e.refused(l.lane, o, now) {
			s.bury(e, o.Message)
		}
	case outcome.Abandoned:
		// A call given up while it ran longer than usual says something.
		if took := now.Sub(l.sent.at); took > l.lane.latency {
			l.lane.note(took)
		}
	}
	if m.FoundAt().Equal(now) && !s.unsaved {
		s.unsaved = true
		s.onFinding()
	}
}

// limited notes a 429, unless no waiting cures it.
func (s *Scheduler) limited(l *Lease, o *outcome.Outcome, now time.Time) {
	e, m := l.Endpoint, l.lane.limits
	if most, yes := m.TooLarge(l.taken); yes {
		// Its limit is known, and no waiting makes room for so much.
		o.Kind = outcome.Rejected
		o.Message = fmt.Sprintf("%s (this one request is counted as %d tokens, and %.0f a minute are allowed: no waiting cures that)",
			o.Message, l.taken.Tokens(), most)
		e.failed++
		return
	}
	e.rateLimited(now, &l.sent, o.Hints)
	m.Told(now, l.taken, o.Hints, e.inFlight.Len())
}

// bury takes a dead endpoint out of the choice, and lets those calls go that
// have no other.
func (s *Scheduler) bury(e *Endpoint, why string) {
	e.dead, e.diedAt = why, time.Now()
	for i := range s.classes {
		for _, f := range s.classes[i].flows {
			for at := f.calls.Front(); at != nil; {
				w := at.Value.(*Want)
				at = at.Next()
				if w.hopeless() {
					s.dequeue(w)
					close(w.granted)
				}
			}
		}
	}
}
