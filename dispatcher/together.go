package dispatcher

import "time"

// Headers tell of a limit, and not whose it is: some APIs give each model its own,
// others one to each key. What an endpoint tells is so taken for one limit of all
// its models, until it proves to be each one's own: two models are told of
// different ones, or more remains than there could if all drew on it. Without
// headers nothing tells, and every model learns for itself.

// owed is what a limit had still to earn when a call was sent, in requests: if it
// is one for all models, and if it is the model's own.
type owed struct{ all, own float64 }

// evidence sums up, over replies, what was owed and what the headers said was
// used. One reply proves little: calls that are sent at once arrive in any order.
type evidence struct {
	replies        int
	all, own, used float64
}

const (
	enoughReplies = 20
	enoughApart   = 0.5 // requests between the two, on average
)

// told takes what a reply's headers say of the limits.
func (e *endpoint) told(now time.Time, l *lease, h hints) {
	h = l.lane.confirmed(h)
	if rate := h.requests.perSecond(); rate > 0 && e.shared == nil && !e.apart {
		l.lane.told(rate)
		switch {
		case e.differ(rate) || e.common != nil && e.proven(l.owed, h.requests):
			e.split(now)
		case e.common == nil:
			e.join(now, l.lane)
		}
	}
	l.lane.limits.told(now, h)
}

// confirmed are those of the hints that two replies in a row gave: one reply alone
// teaches nothing, as proxies and small servers write nonsense there at times.
func (l *lane) confirmed(h hints) hints {
	again := func(now, before rateHint) bool { return now.limit == before.limit }
	seen := h
	if !again(h.requests, l.hinted.requests) {
		h.requests = rateHint{}
	}
	if !again(h.tokens, l.hinted.tokens) {
		h.tokens = rateHint{}
	}
	if seen.requests.limit > 0 { // what a reply does not tell, it does not take back
		l.hinted.requests = seen.requests
	}
	if seen.tokens.limit > 0 {
		l.hinted.tokens = seen.tokens
	}
	return h
}

// told notes the limit that the model is told of.
func (l *lane) told(perSecond float64) {
	if l.own.perSecond != perSecond {
		l.own.perSecond, l.own.burst = perSecond, burstMax
	}
}

func (e *endpoint) differ(rate float64) bool {
	for _, l := range e.lanes {
		if l.own.perSecond > 0 && l.own.perSecond != rate {
			return true
		}
	}
	return false
}

// proven: what remains is nearer to what a model alone has left of a limit of its
// own than to what all have left of one.
func (e *endpoint) proven(at owed, h rateHint) bool {
	v := &e.proof
	v.replies++
	v.all, v.own, v.used = v.all+at.all, v.own+at.own, v.used+float64(h.limit-h.remaining)
	if v.replies < max(enoughReplies, e.inFlight.Len()) {
		return false
	}
	seen := *v
	*v = evidence{}
	return seen.all-seen.own >= enoughApart*float64(seen.replies) && seen.used < (seen.all+seen.own)/2
}

// join puts all models under the limits of one.
func (e *endpoint) join(now time.Time, of *lane) {
	e.common = of.limits
	e.common.model, e.common.foundAt = "", now
	for _, l := range e.lanes {
		if l.limits != e.common {
			e.common.requests.take(now, l.limits.minute.requests.recent(now))
			l.limits = e.common
		}
	}
	e.limits = []*limits{e.common}
}

// split gives each model limits of its own.
func (e *endpoint) split(now time.Time) {
	e.apart, e.limits = true, nil
	for model, l := range e.lanes {
		m := newLimits(model, 0, 0)
		m.requests, m.learn.ceiling, m.learn.since = l.own, l.own.perSecond, now
		if m.requests.burst == 0 {
			m.requests.burst = burstMax
		}
		if e.common != nil {
			m.tokens = e.common.tokens
		}
		l.limits = m
		e.limits = append(e.limits, m)
	}
	e.common = nil
}

// take counts a call that is sent, and says what was owed with it.
func (l *lane) take(now time.Time, tokens int) owed {
	l.limits.take(now, tokens)
	l.own.take(now, 1)
	return owed{all: l.limits.requests.owes(now), own: l.own.owes(now)}
}

// owes is how many units are still to be earned.
func (b *bucket) owes(now time.Time) float64 {
	return max(0, b.next.Sub(now).Seconds()*b.perSecond)
}
