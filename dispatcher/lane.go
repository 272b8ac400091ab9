package dispatcher

import (
	"container/list"
	"math"
	"time"
)

// lane is one model at one endpoint: models have limits and speeds of their
// own, and a slow or limited one says nothing of another.
type lane struct {
	limits   *limits    // its own, or the endpoint's
	own      bucket     // requests under the limit that headers tell, were it the model's own
	inFlight *list.List // of *lease, oldest first
	granted  time.Time
	hinted   hints         // of the last reply
	latency  time.Duration // exponential moving average
}

// limits are those of one model, or of all models of an endpoint together.
type limits struct {
	model            string // "": all
	requests, tokens bucket
	learn            learner
	known            struct{ requests, tokens bool } // configured: headers do not change them
	foundAt          time.Time                       // when one was last found out

	closedUntil time.Time // by 429s
	refusals    int       // in a row
	changed     time.Time // of the last 429: what was sent before does not count again
	inFlight    int
	minute      struct{ requests, tokens window }
}

func newLimits(model string, rpm, tpm int) *limits {
	m := &limits{model: model, requests: newBucket(rpm), tokens: newBucket(tpm)}
	m.known.requests, m.known.tokens = rpm > 0, tpm > 0
	m.learn = learner{ceiling: m.requests.perSecond, growth: growthMax}
	return m
}

// lane is made at the model's first call.
func (e *endpoint) lane(model string) *lane {
	l := e.lanes[model]
	if l == nil {
		l = &lane{limits: e.shared, inFlight: list.New()}
		switch {
		case e.shared != nil:
		case e.common != nil:
			l.limits, l.own.burst = e.common, burstMax
		default:
			l.limits = e.limitsOf(model)
		}
		e.lanes[model] = l
	}
	return l
}

// limitsOf a model, where none are configured.
func (e *endpoint) limitsOf(model string) *limits {
	for _, m := range e.limits {
		if m.model == model {
			return m
		}
	}
	m := newLimits(model, 0, 0)
	e.limits = append(e.limits, m)
	return m
}

func (m *limits) closed(now time.Time) bool { return now.Before(m.closedUntil) }

// full: after a 429, one call decides whether others follow.
func (m *limits) full() bool { return m.refusals > 0 && m.inFlight > 0 }

// readyAt is when the limits allow the next call.
func (m *limits) readyAt() time.Time {
	return latest(m.closedUntil, m.requests.readyAt(), m.tokens.readyAt())
}

// close keeps calls away until then; a longer wait already agreed stays.
func (m *limits) close(now, until time.Time) {
	m.closedUntil, m.changed = latest(m.closedUntil, until), now
}

func (m *limits) take(now time.Time, tokens int) {
	if m.learn.since.IsZero() {
		m.learn.since = now
	}
	m.inFlight++
	m.requests.take(now, 1)
	m.tokens.take(now, float64(tokens))
	m.minute.requests.add(now, 1)
}

// settle gives a place back, and what was reserved beyond what was used.
func (m *limits) settle(now time.Time, reserved, used int) {
	m.inFlight--
	m.tokens.refund(float64(reserved - used))
	m.minute.tokens.add(now, used)
}

// unuse takes a place back with which nothing was sent.
func (m *limits) unuse(reserved int) {
	m.inFlight--
	m.requests.refund(1)
	m.tokens.refund(float64(reserved))
}

// limited notes a 429 to a call that was sent at a time; one for a call sent
// before the last 429 came tells nothing new.
func (m *limits) limited(now, sent time.Time, h hints, older int) (counts bool) {
	counts = sent.After(m.changed)
	wait := h.retryAfter
	if wait == 0 {
		wait = h.spentFor()
	}
	if wait == 0 && counts {
		wait = jitter(limitBase << min(m.refusals, 6))
	}
	if counts {
		m.refusals++
		m.refuse(now, older)
	}
	if wait > 0 {
		m.close(now, now.Add(min(wait, maxRetryAfter)))
		m.requests.empty(m.closedUntil)
	}
	return counts
}

// slowness compares endpoints: the average latency of the model, or the age of
// its oldest call in flight where that is longer, so that a hanging endpoint is
// left alone before its first timeout. Knowledge fades (by half every ten
// seconds without a call), so that a slow endpoint is tried again.
func (l *lane) slowness(now time.Time) time.Duration {
	if front := l.inFlight.Front(); front != nil {
		return max(l.latency, now.Sub(front.Value.(*lease).at))
	}
	if l.granted.IsZero() {
		return l.latency
	}
	return time.Duration(float64(l.latency) * math.Exp2(-now.Sub(l.granted).Seconds()/10))
}

// note averages a latency in.
func (l *lane) note(took time.Duration) {
	if l.latency == 0 {
		l.latency = took
		return
	}
	l.latency += (took - l.latency) / 5
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
