package schedule

import (
	"container/list"
	"net/http"
	"slices"
	"time"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/outcome"
)

// The breaker opens after breakAfter failures in a row, for breakBase, then
// twice as long after each failed probe, up to breakMax.
const (
	breakAfter = 3
	breakBase  = time.Second
	breakMax   = 30 * time.Second
)

// rampStart is how many calls an endpoint gets at once before it has answered
// any since it was new or down; each answer allows four more. A dead or hanging
// endpoint so costs a handful of calls, and a recovered one is not flooded.
const rampStart = 4

// Endpoint is the state of one endpoint. All of it but the first group is
// guarded by the scheduler's mutex.
type Endpoint struct {
	Config

	lanes    map[string]*lane // by our name of the model
	limits   *limits.Endpoint
	inFlight *list.List // of *sent, oldest first
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

// Config is what does not change about an endpoint.
type Config struct {
	limits.Config
	MaxInFlight int
	Host        bool   // the host's own function: only for who may use it, and not remembered
	Dead        string // why nothing can be sent, before anything was; "": it can
	Value       any    // the caller's own, such as how to reach the endpoint
}

// NewEndpoint is an endpoint that has answered nothing yet. found are what earlier
// processes found out about the limits of any endpoints.
func NewEndpoint(c Config, found []limits.Finding) *Endpoint {
	e := &Endpoint{Config: c, limits: limits.New(c.Config), inFlight: list.New(), lanes: map[string]*lane{},
		dead: c.Dead, missing: map[string]time.Time{}}
	e.limits.Restore(found)
	return e
}

// lane is made at the model's first call.
func (e *Endpoint) lane(model string) *lane {
	l := e.lanes[model]
	if l == nil {
		l = newLane(e.limits.Model(model))
		e.lanes[model] = l
	}
	return l
}

func (e *Endpoint) cooling(now time.Time) bool { return now.Before(e.coolUntil) }

// deadFor is how long a key that was refused is left alone. Then one call tries
// it: accounts are topped up while a sidecar runs.
const deadFor = 10 * time.Minute

// rouse makes a key that has been dead long enough one that is down, so that a
// single call decides.
func (e *Endpoint) rouse(now time.Time) {
	if e.dead != "" && !e.diedAt.IsZero() && now.Sub(e.diedAt) >= deadFor {
		e.dead, e.opened, e.ramp, e.suspect = "", 1, 0, true
	}
}

// missingFor is how long an endpoint's word that it has no such model holds.
const missingFor = 5 * time.Minute

func (e *Endpoint) lacks(model string, now time.Time) bool {
	at, ok := e.missing[model]
	return ok && now.Sub(at) <= missingFor
}

// open reports whether failures, not limits, keep calls away.
func (e *Endpoint) open() bool { return e.opened > 0 }

// room is how many calls it may have in flight now.
func (e *Endpoint) room() int {
	if e.open() {
		return 1 // half-open: one probe decides
	}
	return min(e.MaxInFlight, rampStart+4*e.ramp)
}

// readyAt is when the endpoint and the model's limits allow the next call.
func (e *Endpoint) readyAt(l *lane) time.Time { return later(e.coolUntil, l.limits.ReadyAt()) }

// cool keeps calls away until then; a longer wait already agreed stays.
func (e *Endpoint) cool(now, until time.Time) {
	e.coolUntil, e.changed = later(e.coolUntil, until), now
}

// up notes that the endpoint works, whatever it said.
func (e *Endpoint) up(l *lane) {
	e.failures, e.opened = 0, 0
	l.limits.Works()
}

// refused notes that the key was refused, and reports whether it is dead. It is when
// the server's words say so, when it is refused twice in a row, and at a 401 before
// it has answered anything. A 402 or 403 may be about the request; and a refusal of a
// model that has never answered, while others have, is about the model.
func (e *Endpoint) refused(l *lane, o *outcome.Outcome, now time.Time) bool {
	switch {
	case o.Certain || e.suspect, e.answered == 0 && o.Status != http.StatusPaymentRequired && o.Status != http.StatusForbidden:
		return true
	case e.answered == 0:
	case l.latency == 0:
		e.missing[o.Model] = now
		return false
	}
	e.suspect = true
	return false
}

// succeeded notes an answer.
func (e *Endpoint) succeeded(l *lane, took time.Duration) {
	e.up(l)
	e.suspect = false
	e.ramp = min(e.ramp+1, e.MaxInFlight)
	l.note(took)
	e.latencies[e.answered%len(e.latencies)] = took
	e.answered++
}

// rateLimited notes a 429.
func (e *Endpoint) rateLimited(now time.Time, s *sent, h limits.Hints) {
	e.limited++
	if s.lane.limits.Refused(now, s.at, h, e.olderThan(s)) {
		e.ramp /= 2
	}
}

// olderThan counts the calls in flight under the same limits that were sent
// before one.
func (e *Endpoint) olderThan(s *sent) (n int) {
	for at := e.inFlight.Front(); at != nil; at = at.Next() {
		other := at.Value.(*sent)
		if !other.at.Before(s.at) {
			break
		}
		if other.lane.limits.Shares(s.lane.limits) {
			n++
		}
	}
	return n
}

// broke notes a failure, and opens the breaker when there were enough.
func (e *Endpoint) broke(now, sent time.Time, wait time.Duration) {
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
		e.cool(now, now.Add(limits.Jitter(pause)))
	}
}

// quantile of the last answers' latencies; 0 without any.
func (e *Endpoint) quantile(q float64) time.Duration {
	n := min(e.answered, len(e.latencies))
	if n == 0 {
		return 0
	}
	sorted := slices.Clone(e.latencies[:n])
	slices.Sort(sorted)
	return sorted[min(n-1, int(q*float64(n)))]
}

// The states of an endpoint.
const (
	Ready   = "ready"
	Cooling = "cooling" // failures or limits keep calls away for a while
	Dead    = "dead"    // its key was refused, or is not there
)

func (e *Endpoint) state(now time.Time) string {
	switch {
	case e.dead != "":
		return Dead
	case e.cooling(now) || e.open() || e.limits.Closed(now):
		return Cooling
	}
	return Ready
}

// retryIn is what an error tells about coming back, in seconds; nil: not by itself.
func (e *Endpoint) retryIn(now time.Time) *float64 {
	if e.dead != "" {
		return nil
	}
	s := max(0, e.coolUntil.Sub(now).Seconds())
	return &s
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
