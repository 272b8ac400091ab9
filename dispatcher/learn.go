package dispatcher

import "time"

// learner finds the request rate of an endpoint whose limit nobody configured.
// A 429 says that the endpoint's allowance is used up; what it takes from one
// 429 to the next is therefore what it allows. In between the rate creeps up,
// so that a limit that was raised is found: additive increase, multiplicative
// decrease (Chiu and Jain 1989), with a measured place to decrease to.
type learner struct {
	since    time.Time // of the last 429 that counted, or the first call
	accepted int       // answers since
	refused  bool      // there was a 429, so accepted is a measure
	ceiling  float64   // requests a second that headers told; 0: none
	raised   time.Time
}

const (
	learnShare   = 0.97  // of the measured rate
	learnCut     = 0.9   // at least, after each 429
	learnFirst   = 0.5   // of the rate before the first 429, which a burst flattered
	learnCreep   = 0.005 // a second
	learnRun     = 0.05  // a second, when the last 429 is learnLong ago
	learnLong    = time.Minute
	learnMinTime = 2 * time.Second // of a measure
	learnMinSeen = 5               // answers, before a first rate is guessed
	learnMinRate = 0.05            // requests a second
)

// took notes an answer, and creeps.
func (e *endpoint) took(now time.Time) {
	l := &e.learn
	l.accepted++
	rate := e.requests.perSecond
	if e.known.requests || rate == 0 || !l.refused {
		return
	}
	creep := learnCreep
	if now.Sub(l.since) > learnLong {
		creep = learnRun
	}
	rate *= 1 + creep*min(now.Sub(l.raised).Seconds(), 60)
	l.raised = now
	if l.ceiling > 0 {
		rate = min(rate, l.ceiling)
	}
	e.requests.setRate(rate)
}

// refuse notes a 429 and slows down.
func (e *endpoint) refuse(now time.Time) {
	l := &e.learn
	if rate := l.after(now, e.requests.perSecond); rate > 0 && !e.known.requests {
		e.requests.setRate(max(learnMinRate, rate))
	}
	e.ramp /= 2
	l.since, l.accepted, l.refused, l.raised = now, 0, true, now
}

// after is the rate to go on with.
func (l *learner) after(now time.Time, rate float64) float64 {
	elapsed := now.Sub(l.since)
	measured := float64(l.accepted) / max(elapsed.Seconds(), 0.001)
	switch {
	case rate == 0 && l.accepted < learnMinSeen:
		return 0 // somebody else used the allowance up: nothing is known yet
	case rate == 0:
		return measured * learnFirst
	case l.refused && elapsed >= learnMinTime:
		return min(rate*learnCut, measured*learnShare)
	}
	return rate * learnCut * learnCut
}

// told takes limits from headers where none are configured.
func (e *endpoint) told(now time.Time, h hints) {
	if r := h.requests.perSecond(); r > 0 && !e.known.requests {
		e.learn.ceiling = r
		if rate := e.requests.perSecond; rate == 0 || rate > r {
			e.requests.setRate(r)
		}
	}
	if r := h.tokens.perSecond(); r > 0 && !e.known.tokens {
		e.tokens.setRate(r)
	}
	if wait := h.spentFor(); wait > 0 {
		e.cool(now, now.Add(wait))
	}
}
