package schedule

import (
	"container/list"
	"math"
	"time"

	"qgen-sidecar/dispatcher/limits"
)

// lane is one model at one endpoint: models have limits and speeds of their
// own, and a slow or limited one says nothing of another.
type lane struct {
	limits   *limits.Model
	inFlight *list.List // of *sent, oldest first
	granted  time.Time
	latency  time.Duration // exponential moving average
}

// sent is a call in flight.
type sent struct {
	at   time.Time
	lane *lane
}

func newLane(of *limits.Model) *lane { return &lane{limits: of, inFlight: list.New()} }

// slowness compares endpoints: the average latency of the model, or the age of
// its oldest call in flight where that is longer, so that a hanging endpoint is
// left alone before its first timeout. Knowledge fades (by half every ten
// seconds without a call), so that a slow endpoint is tried again.
func (l *lane) slowness(now time.Time) time.Duration {
	if front := l.inFlight.Front(); front != nil {
		return max(l.latency, now.Sub(front.Value.(*sent).at))
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
