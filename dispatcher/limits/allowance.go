package limits

import (
	"fmt"
	"time"
)

// allowance is what one model of an endpoint may use, or all of them together.
type allowance struct {
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

// limitBase is the wait after a 429 that names no time.
const limitBase = 500 * time.Millisecond

func newAllowance(model string, rpm, tpm int) *allowance {
	a := &allowance{model: model, requests: newBucket(rpm), tokens: newBucket(tpm)}
	a.known.requests, a.known.tokens = rpm > 0, tpm > 0
	a.learn = learner{ceiling: a.requests.perSecond, growth: growthMax}
	return a
}

func (a *allowance) closed(now time.Time) bool { return now.Before(a.closedUntil) }

// full: after a 429, one call decides whether others follow.
func (a *allowance) full() bool { return a.refusals > 0 && a.inFlight > 0 }

// readyAt is when the next call is allowed.
func (a *allowance) readyAt() time.Time {
	return latest(a.closedUntil, a.requests.readyAt(), a.tokens.readyAt())
}

// close keeps calls away until then; a longer wait already agreed stays.
func (a *allowance) close(now, until time.Time) {
	a.closedUntil, a.changed = latest(a.closedUntil, until), now
}

func (a *allowance) take(now time.Time, tokens int) {
	if a.learn.since.IsZero() {
		a.learn.since = now
	}
	a.inFlight++
	a.requests.take(now, 1)
	a.tokens.take(now, float64(tokens))
	a.minute.requests.add(now, 1)
}

// settle gives a place back, and what was reserved beyond what was used.
func (a *allowance) settle(now time.Time, reserved, used int) {
	a.inFlight--
	a.tokens.refund(float64(reserved - used))
	a.minute.tokens.add(now, used)
}

// unuse takes a place back with which nothing was sent.
func (a *allowance) unuse(reserved int) {
	a.inFlight--
	a.requests.refund(1)
	a.tokens.refund(float64(reserved))
}

// refused notes a 429 to a call that was sent at a time; one for a call sent
// before the last 429 came tells nothing new.
func (a *allowance) refused(now, sent time.Time, h Hints, older int) (counts bool) {
	counts = sent.After(a.changed)
	wait := h.RetryAfter
	if wait == 0 {
		wait = h.spentFor()
	}
	if wait == 0 && counts {
		wait = Jitter(limitBase << min(a.refusals, 6))
	}
	if counts {
		a.refusals++
		if a.learn.refuse(&a.requests, now, older) {
			a.foundAt = now
		}
	}
	if wait > 0 {
		a.close(now, now.Add(min(wait, MaxRetryAfter)))
		a.requests.empty(a.closedUntil)
	}
	return counts
}

// told takes limits from headers where none are configured.
func (a *allowance) told(now time.Time, h Hints) {
	if r := h.Requests.perSecond(); r > 0 && !a.known.requests && r != a.learn.ceiling {
		if a.requests.perSecond == 0 {
			a.requests.perSecond = r
			a.requests.take(now, a.minute.requests.recent(now))
		}
		a.learn.ceiling, a.foundAt = r, now
		a.requests.perSecond = min(r, a.requests.perSecond)
	}
	if r := h.Tokens.perSecond(); r > 0 && !a.known.tokens && r != a.tokens.perSecond {
		a.tokens.perSecond, a.foundAt = r, now
	}
	if wait := h.spentFor(); wait > 0 {
		a.close(now, now.Add(wait))
	}
}

// why is what keeps the next call away; "" nothing.
func (a *allowance) why(now time.Time) string {
	switch {
	case a.closed(now):
		return fmt.Sprintf("asked to wait %.1f s more", a.closedUntil.Sub(now).Seconds())
	case a.requests.readyAt().After(now):
		return fmt.Sprintf("at its limit of %d requests a minute", a.requests.perMinute())
	case a.tokens.readyAt().After(now):
		return fmt.Sprintf("at its limit of %d tokens a minute", a.tokens.perMinute())
	}
	return ""
}

// perMinute is the limit of requests as configured, told or found; 0: not known.
func (a *allowance) perMinute() int {
	if a.learn.ceiling > 0 {
		return int(a.learn.ceiling*60 + 0.5)
	}
	return a.requests.perMinute()
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
