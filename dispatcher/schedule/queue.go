package schedule

import (
	"container/list"
	"time"
)

// class is the queue of one priority: flows take turns, and each flow is in
// the job's order. A flow is a job's calls to one set of endpoints, so that a
// call that waits for endpoint a does not hold up one that b could take.
type class struct {
	pass  float64    // virtual time served; the class that is furthest behind goes first
	turns *list.List // of *flow
	flows map[string]*flow
}

type flow struct {
	turn  *list.Element // its place in the class's turns
	calls *list.List    // of *Want, the next to be served first
}

func newClass() class { return class{turns: list.New(), flows: map[string]*flow{}} }

// push files a call in its flow.
func (c *class) push(w *Want) {
	f := c.flows[w.flow]
	if f == nil {
		f = &flow{calls: list.New()}
		f.turn = c.turns.PushBack(f)
		c.flows[w.flow] = f
	}
	for at := f.calls.Back(); at != nil; at = at.Prev() {
		if at.Value.(*Want).before(w) {
			w.place = f.calls.InsertAfter(w, at)
			return
		}
	}
	w.place = f.calls.PushFront(w)
}

// remove takes a call out and forgets its flow with the last one.
func (c *class) remove(w *Want) {
	f := c.flows[w.flow]
	f.calls.Remove(w.place)
	w.place = nil
	if f.calls.Len() > 0 {
		return
	}
	delete(c.flows, w.flow)
	c.turns.Remove(f.turn)
}

// next is the first flow, in turn, whose oldest call can be granted; try
// reports that, or when it may be worth trying again.
func (c *class) next(try func(*Want) (bool, time.Time)) (granted *Want, again time.Time) {
	for at := c.turns.Front(); at != nil; at = at.Next() {
		w := at.Value.(*flow).calls.Front().Value.(*Want)
		ok, when := try(w)
		if ok {
			c.turns.MoveToBack(at)
			return w, time.Time{}
		}
		again = earlier(again, when)
	}
	return nil, again
}

// earlier of two times, where the zero time means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
