package schedule

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

// choose picks the endpoint for w among those that may take it now, by its index:
// of those that have failed it least often the one with the least work, which is
// calls in flight times slowness; of equals the one whose turn is longest ago.
// Without one (-1) it says when a limit or a pause ends, the zero time if none does.
func choose(w *Want, now time.Time) (best int, again time.Time) {
	fewest, fastest := leastTried(w, now)
	best = -1
	var bestWork float64
	for i, e := range w.Eligible {
		if !w.usable(i) {
			continue
		}
		at := e.readyAt(e.lane)
		if at.After(now) {
			again = earlier(again, at)
			continue
		}
		if w.tries[i] > fewest || e.inFlight.Len() >= e.room() || e.lane.limits.Full() {
			continue
		}
		work := float64(e.inFlight.Len()+1) * factor(e.lane.slowness(now), fastest)
		if best < 0 || work < bestWork || work == bestWork && e.turn < w.Eligible[best].turn {
			best, bestWork = i, work
		}
	}
	return best, again
}

// leastTried is the lowest number of failures of this call among the endpoints
// that are not pausing, and the lowest slowness among all that are usable.
func leastTried(w *Want, now time.Time) (fewest int, fastest time.Duration) {
	fewest, first := MaxTries, true
	for i, e := range w.Eligible {
		if !w.usable(i) {
			continue
		}
		if !e.cooling(now) && !e.lane.limits.Closed(now) && e.inFlight.Len() < probesOnly(e.Endpoint) {
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
func probesOnly(e *Endpoint) int {
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
