package schedule

import (
	"container/list"
	"time"

	"qgen-sidecar/dispatcher/limits"
)

// Target is where a call may go: an endpoint, and the model's lane there.
type Target struct {
	*Endpoint
	lane *lane
}

// Lease is one call's place at one endpoint: to be given back by Release.
type Lease struct {
	Target
	Index int // of the target among those of the want

	sent               sent
	taken              limits.Taken
	place, placeInLane *list.Element
}

// At is when the place was given.
func (l *Lease) At() time.Time { return l.sent.at }

// occupy takes a place in flight, and its part of the limits.
func (l *Lease) occupy(now time.Time, tokens int) {
	l.sent = sent{now, l.lane}
	l.place, l.placeInLane = l.inFlight.PushBack(&l.sent), l.lane.inFlight.PushBack(&l.sent)
	l.taken = l.lane.limits.Take(now, tokens)
}

// vacate gives the place in flight back.
func (l *Lease) vacate() {
	l.inFlight.Remove(l.place)
	l.lane.inFlight.Remove(l.placeInLane)
}
