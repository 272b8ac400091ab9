package dispatcher

import (
	"math"
	"time"
)

// sameSpeed is the factor below which endpoints count as equally fast, and
// speedFloor the latency below which nobody cares: round robin among equals
// must not turn into a race of microseconds.
const (
	sameSpeed  = 2
	speedFloor = 25 * time.Millisecond
)

// choose picks the endpoint for w among those that may take it now: those that
// have failed it least often; of these the one with the least work, which is
// calls in flight times slowness; of equals the one whose turn is longest ago.
// Without one it says when a limit or a pause ends, the zero time if none does.
func choose(w *want, now time.Time) (target, time.Time) {
	fewest, fastest := leastTried(w, now)
	var best target
	var bestWork float64
	var again time.Time
	for i, e := range w.eligible {
		if !w.usable(i) {
			continue
		}
		at := e.readyAt(e.lane)
		if at.After(now) {
			again = earlier(again, at)
			continue
		}
		if w.tries[i] > fewest || e.inFlight.Len() >= e.room() || e.lane.limits.full() {
			continue
		}
		work := float64(e.inFlight.Len()+1) * factor(e.lane.slowness(now), fastest)
		if best.endpoint == nil || work < bestWork || work == bestWork && e.turn < best.turn {
			best, bestWork = e, work
		}
	}
	return best, again
}

// leastTried is the lowest number of failures of this call among the endpoints
// that are not pausing, and the lowest slowness among all that are usable.
func leastTried(w *want, now time.Time) (fewest int, fastest time.Duration) {
	fewest, first := maxTries, true
	for i, e := range w.eligible {
		if !w.usable(i) {
			continue
		}
		if !e.cooling(now) && !e.lane.limits.closed(now) && e.inFlight.Len() < probesOnly(e.endpoint) {
			fewest = min(fewest, w.tries[i])
		}
		if slow := e.lane.slowness(now); first || slow < fastest {
			fastest, first = slow, false
		}
	}
	return fewest, fastest
}

// probesOnly is the number of calls in flight at which an endpoint that is down
// is no longer worth waiting for; others are.
func probesOnly(e *endpoint) int {
	if e.open() {
		return 1
	}
	return math.MaxInt
}

func factor(slow, fastest time.Duration) float64 {
	f := float64(slow+speedFloor) / float64(fastest+speedFloor)
	if f < sameSpeed {
		return 1
	}
	return f
}
