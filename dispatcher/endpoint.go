package dispatcher

import (
	"container/list"
	"math/rand/v2"
	"net/http"
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

	lanes  map[string]*lane // by our name of the model
	shared *limits          // of all lanes, where they are configured; else nil
	common *limits          // of all lanes, where headers tell of one; see together.go
	apart  bool             // headers tell each model its own
	proof  evidence         // of that
	limits []*limits        // shared or common alone, or one for each model

	inFlight *list.List // of *lease, oldest first
	turn     uint64     // of the last grant: smallest is longest ago

	dead      string    // why; "" alive
	suspect   bool      // its key was refused since it last answered
	diedAt    time.Time // of an answer; zero: born dead
	coolUntil time.Time // no call before
	failures  int       // in a row
	opened    int       // how often the breaker opened without an answer between
	changed   time.Time // of the last cooling: what was sent before does not count again
	ramp      int       // answers since new or down

	latencies [128]time.Duration
	answered  int // in total; index of latencies

	failed, limited int
	lastError       string
	missing         map[string]time.Time // model -> when the endpoint said it has none
}

func newEndpoint(config Endpoint) *endpoint {
	if config.MaxInFlight <= 0 {
		config.MaxInFlight = 32
	}
	if config.Timeout <= 0 {
		config.Timeout = time.Minute
	}
	e := &endpoint{config: config, inFlight: list.New(), lanes: map[string]*lane{}, missing: map[string]time.Time{}}
	if config.RPM > 0 || config.TPM > 0 {
		e.shared = newLimits("", config.RPM, config.TPM)
		e.limits = []*limits{e.shared}
	}
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
		e.dead, e.opened, e.ramp, e.suspect = "", 1, 0, true
	}
}

// open reports whether failures, not limits, keep calls away.
func (e *endpoint) open() bool { return e.opened > 0 }

// room is how many calls it may have in flight now.
func (e *endpoint) room() int {
	if e.open() {
		return 1 // half-open: one probe decides
	}
	return min(e.config.MaxInFlight, rampStart+4*e.ramp)
}

// readyAt is when the endpoint and the model's limits allow the next call.
func (e *endpoint) readyAt(l *lane) time.Time {
	return latest(e.coolUntil, l.limits.readyAt())
}

// cool keeps calls away until then; a longer wait already agreed stays.
func (e *endpoint) cool(now, until time.Time) {
	e.coolUntil, e.changed = latest(e.coolUntil, until), now
}

// up notes that the endpoint works, whatever it said.
func (e *endpoint) up(l *lane) { e.failures, e.opened, l.limits.refusals = 0, 0, 0 }

// refused notes that the key was refused, and reports whether it is dead. It is when
// the server's words say so, when it is refused twice in a row, and at a 401 before
// it has answered anything. A 402 or 403 may be about the request; and a refusal of a
// model that has never answered, while others have, is about the model.
func (e *endpoint) refused(l *lane, o *outcome, now time.Time) bool {
	switch {
	case o.certain || e.suspect, e.answered == 0 && o.status != http.StatusPaymentRequired && o.status != http.StatusForbidden:
		return true
	case e.answered == 0:
	case l.latency == 0:
		e.missing[o.model] = now
		return false
	}
	e.suspect = true
	return false
}

// succeeded notes an answer.
func (e *endpoint) succeeded(l *lane, took time.Duration) {
	e.up(l)
	e.suspect = false
	e.ramp = min(e.ramp+1, e.config.MaxInFlight)
	l.note(took)
	e.latencies[e.answered%len(e.latencies)] = took
	e.answered++
}

// rateLimited notes a 429.
func (e *endpoint) rateLimited(now time.Time, l *lease, h hints) {
	e.limited++
	if l.lane.limits.limited(now, l.at, h, e.olderThan(l)) {
		e.ramp /= 2
	}
}

// olderThan counts the calls in flight under the same limits that were sent
// before one.
func (e *endpoint) olderThan(l *lease) (n int) {
	for at := e.inFlight.Front(); at != nil; at = at.Next() {
		other := at.Value.(*lease)
		if !other.at.Before(l.at) {
			break
		}
		if other.lane.limits == l.lane.limits {
			n++
		}
	}
	return n
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
	case e.cooling(now) || e.open() || e.closed(now):
		return "cooling"
	}
	return "ready"
}

// closed: 429s keep calls of every model away.
func (e *endpoint) closed(now time.Time) bool {
	for _, m := range e.limits {
		if !m.closed(now) {
			return false
		}
	}
	return len(e.limits) > 0
}

// jitter spreads d by a fifth either way, so that callers do not come back at
// the same moment.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
