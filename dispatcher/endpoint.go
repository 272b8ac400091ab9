package dispatcher

import (
	"container/list"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// The breaker opens after breakAfter failures in a row, for breakBase, then
// twice as long after each failed probe, up to breakMax.
const (
	breakAfter = 3
	breakBase  = time.Second
	breakMax   = 30 * time.Second
	limitBase  = 500 * time.Millisecond // of a 429 that names no time
)

// rampStart is how many calls an endpoint gets at once before it has answered
// any since it was new or down; each answer allows four more. A dead or hanging
// endpoint so costs a handful of calls, and a recovered one is not flooded.
const rampStart = 4

// endpoint is the state of one endpoint. All of it but the first group is
// guarded by the scheduler's mutex.
type endpoint struct {
	config  Endpoint
	address string // what replies are kept under
	backend backend
	isHost  bool

	requests, tokens bucket
	learn            learner
	known            struct{ requests, tokens bool } // configured: headers do not change them
	foundAt          time.Time                       // when a limit was last found out

	inFlight *list.List // of *lease, oldest first
	turn     uint64     // of the last grant: smallest is longest ago
	granted  time.Time

	dead      string    // why; "" alive
	diedAt    time.Time // of an answer; zero: born dead
	coolUntil time.Time // no call before
	limits    int       // 429s in a row
	failures  int       // in a row
	opened    int       // how often the breaker opened without an answer between
	changed   time.Time // of the last cooling: what was sent before does not count again
	ramp      int       // answers since new or down

	latency   time.Duration // exponential moving average
	latencies [128]time.Duration
	answered  int // in total; index of latencies

	failed, limited int
	lastError       string
	minute          struct{ requests, tokens window }
	missing         map[string]time.Time // model -> when the endpoint said it has none
}

func newEndpoint(config Endpoint) *endpoint {
	if config.MaxInFlight <= 0 {
		config.MaxInFlight = 32
	}
	if config.Timeout <= 0 {
		config.Timeout = time.Minute
	}
	e := &endpoint{config: config, inFlight: list.New(), missing: map[string]time.Time{}}
	e.requests, e.tokens = newBucket(config.RPM), newBucket(config.TPM)
	e.known.requests, e.known.tokens = config.RPM > 0, config.TPM > 0
	e.learn = learner{ceiling: e.requests.perSecond, growth: growthMax}
	return e
}

// model is the endpoint's own name for ours.
func (e *endpoint) model(ours string) string { return modelAt(e.config, ours) }

func (e *endpoint) cooling(now time.Time) bool { return now.Before(e.coolUntil) }

// deadFor is how long a key that was refused is left alone. Then one call tries
// it: accounts are topped up while a sidecar runs.
const deadFor = 10 * time.Minute

// rouse makes a key that has been dead long enough one that is down, so that a
// single call decides.
func (e *endpoint) rouse(now time.Time) {
	if e.dead != "" && !e.diedAt.IsZero() && now.Sub(e.diedAt) >= deadFor {
		e.dead, e.opened, e.ramp = "", 1, 0
	}
}

// open reports whether failures, not limits, keep calls away.
func (e *endpoint) open() bool { return e.opened > 0 }

// room is how many calls it may have in flight now.
func (e *endpoint) room() int {
	if e.open() || e.limits > 0 {
		return 1 // half-open: one probe decides
	}
	return min(e.config.MaxInFlight, rampStart+4*e.ramp)
}

// readyAt is when the limits allow the next call.
func (e *endpoint) readyAt() time.Time {
	at := e.coolUntil
	for _, b := range []*bucket{&e.requests, &e.tokens} {
		if t := b.readyAt(); t.After(at) {
			at = t
		}
	}
	return at
}

// cool keeps calls away until then; a longer wait already agreed stays.
func (e *endpoint) cool(now, until time.Time) {
	if until.After(e.coolUntil) {
		e.coolUntil = until
	}
	e.changed = now
}

// slowness compares endpoints: the average latency, or the age of the oldest
// call in flight where that is longer, so that a hanging endpoint is left alone
// before its first timeout. Knowledge fades (by half every ten seconds without
// a call), so that a slow endpoint is tried again.
func (e *endpoint) slowness(now time.Time) time.Duration {
	slow := e.latency
	if front := e.inFlight.Front(); front != nil {
		return max(slow, now.Sub(front.Value.(*lease).at))
	}
	if e.granted.IsZero() {
		return slow
	}
	return time.Duration(float64(slow) * math.Exp2(-now.Sub(e.granted).Seconds()/10))
}

// up notes that the endpoint works, whatever it said.
func (e *endpoint) up() { e.failures, e.opened, e.limits = 0, 0, 0 }

// succeeded notes an answer.
func (e *endpoint) succeeded(took time.Duration) {
	e.up()
	e.ramp = min(e.ramp+1, e.config.MaxInFlight)
	e.note(took)
	e.latencies[e.answered%len(e.latencies)] = took
	e.answered++
}

func (e *endpoint) note(took time.Duration) {
	if e.latency == 0 {
		e.latency = took
		return
	}
	e.latency += (took - e.latency) / 5
}

// rateLimited notes a 429; one for a call sent before the last cooling began
// tells nothing new.
func (e *endpoint) rateLimited(now, sent time.Time, h hints) {
	e.limited++
	stale := !sent.After(e.changed)
	wait := h.retryAfter
	if wait == 0 {
		wait = h.spentFor()
	}
	if wait == 0 && !stale {
		wait = jitter(limitBase << min(e.limits, 6))
	}
	if !stale {
		e.limits++
		e.refuse(now, sent)
	}
	if wait > 0 {
		e.cool(now, now.Add(min(wait, maxRetryAfter)))
		e.requests.empty(e.coolUntil)
	}
}

// broke notes a failure, and opens the breaker when there were enough.
func (e *endpoint) broke(now, sent time.Time, wait time.Duration) {
	e.failed++
	if wait > 0 {
		e.cool(now, now.Add(wait))
	}
	if e.open() && !sent.After(e.changed) {
		return
	}
	e.failures++
	if e.failures >= breakAfter || e.open() {
		pause := min(breakMax, breakBase<<min(e.opened, 10))
		e.opened++
		e.ramp = 0
		e.cool(now, now.Add(jitter(pause)))
	}
}

// quantile of the last answers' latencies; 0 without any.
func (e *endpoint) quantile(q float64) time.Duration {
	n := min(e.answered, len(e.latencies))
	if n == 0 {
		return 0
	}
	sorted := slices.Clone(e.latencies[:n])
	slices.Sort(sorted)
	return sorted[min(n-1, int(q*float64(n)))]
}

func (e *endpoint) state(now time.Time) string {
	switch {
	case e.dead != "":
		return "dead"
	case e.cooling(now) || e.open():
		return "cooling"
	}
	return "ready"
}

// jitter spreads d by a fifth either way, so that callers do not come back at
// the same moment.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
