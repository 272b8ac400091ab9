package limits

import "time"

// learner finds the request rate that an endpoint allows, where nobody
// configured it and where what is configured or told is too much, because
// somebody else uses the key too. It is additive increase, multiplicative
// decrease (Chiu and Jain 1989), with a measured place to decrease to: a 429
// says that the allowance is used up, so what the endpoint takes from one 429 to
// the next is what it allows. The rate itself is that of a bucket.
type learner struct {
	ceiling  float64   // requests a second, configured or told by headers; 0: none
	since    time.Time // of the last 429 that counted, or the first call
	accepted int       // answers since then, less those of calls sent before
	refused  bool      // there was a 429, so the rate is a finding
	growth   float64   // of the rate, a second
	calm     time.Time // when growth last changed
	spared   time.Time // when the burst last changed
}

const (
	learnShare    = 0.97                  // of the measured rate
	learnCut      = 0.95                  // of the rate before, at most
	learnCutMost  = 0.3                   // of the rate before, at least
	learnFirst    = time.Second           // at least that long is what came before the first 429 spread over
	learnCutFirst = 0.75                  // of the rate before, at the end of the first rise
	learnMinTime  = time.Second           // of a measure
	learnMinSeen  = 3                     // accepted calls, in the place of time
	learnMinRate  = 0.02                  // requests a second
	learnBurst    = 50 * time.Millisecond // of a rate that is a finding
	growthFirst   = 0.5
	growthMax     = 0.1
	growthMin     = 0.005
	calmFor       = 20 * time.Second
	burstCalmFor  = 5 * time.Minute
)

// answered notes an answer: the rate grows by what was used of it.
func (l *learner) answered(b *bucket, now time.Time) {
	l.accepted++
	if b.perSecond == 0 || l.since.IsZero() {
		return
	}
	if now.Sub(l.calm) > calmFor {
		l.calm, l.growth = now, min(growthMax, 2*l.growth)
	}
	if l.ceiling > 0 && now.Sub(l.spared) > burstCalmFor {
		l.spared, b.burst = now, min(burstMax, 2*b.burst)
	}
	if !l.refused {
		return
	}
	// An answer is a share of the second's calls; where there is less than one
	// a second, it is a step by itself.
	b.perSecond *= 1 + l.growth/max(1, b.perSecond)
	if l.ceiling > 0 && b.perSecond >= l.ceiling {
		b.perSecond, l.refused = l.ceiling, false
	}
}

// refuse notes a 429, and reports whether it taught anything. older calls, sent
// before the one that was refused, are in flight and so were taken.
func (l *learner) refuse(b *bucket, now time.Time, older int) (found bool) {
	switch {
	case l.ceiling > 0 && !b.steady():
		// Where a limit is known, bursts are given up before any of it is.
		l.spared, b.burst = now, max(burstMin, b.burst/2)
	case b.perSecond > 0 && !l.measured(now, older):
		// Next to nothing was let through since the last 429: the endpoint is
		// still closed, which says nothing of the rate.
		return false
	default:
		b.perSecond = l.after(now, b.perSecond, older)
		l.refused = true
		if l.ceiling == 0 {
			b.burst = learnBurst
		}
	}
	l.since, l.accepted, l.calm = now, -older, now
	return true
}

// measured: enough was let through since the last 429 to call it a rate.
func (l *learner) measured(now time.Time, older int) bool {
	passed := l.accepted + older
	return passed >= learnMinSeen || passed > 0 && now.Sub(l.since) >= learnMinTime
}

// after is the rate to go on with after a 429.
func (l *learner) after(now time.Time, rate float64, older int) float64 {
	elapsed, passed := now.Sub(l.since), float64(l.accepted+older)
	if rate == 0 { // what a burst let through, over a time that bursts are for
		l.growth = growthFirst
		return max(1, passed) / max(elapsed, learnFirst).Seconds()
	}
	found := passed / elapsed.Seconds() * learnShare
	if l.growth == growthFirst && found > rate*learnCutMost {
		// Averaged over a steep rise, it is less than what was reached.
		found = rate * learnCutFirst
	}
	l.growth = max(growthMin, min(growthMax, l.growth/2))
	return max(learnMinRate, rate*learnCutMost, min(rate*learnCut, found))
}
