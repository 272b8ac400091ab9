package dispatcher

import (
	"container/list"
	"time"
)

// want is one attempt's wish for an endpoint.
type want struct {
	eligible []target
	job      string
	flow     string // calls of one flow are served in order
	priority Priority
	tokens   int
	tries    []int // failures of this call, by index in eligible

	wasStuck bool // when it began to wait, no limit was what it waited for

	order   int         // the job's own: lower ones first
	seq     uint64      // order of arrival, kept over retries
	since   time.Time   // waiting
	granted chan *lease // receives the lease; closed: nobody is left to grant one
	place   *list.Element
}

// maxTries is how often one endpoint may fail one call.
const maxTries = 4

// usable reports whether the i-th eligible endpoint may still answer the call.
func (w *want) usable(i int) bool {
	return w.eligible[i].dead == "" && w.tries[i] < maxTries
}

// hopeless: every eligible endpoint is dead or has failed the call for good.
func (w *want) hopeless() bool {
	for i := range w.eligible {
		if w.usable(i) {
			return false
		}
	}
	return true
}

// stuck: every eligible endpoint is dead, has failed the call, or is down.
// Only limits then are not what the call waits for.
func (w *want) stuck() bool {
	for i, e := range w.eligible {
		if w.usable(i) && w.tries[i] == 0 && !e.open() {
			return false
		}
	}
	return true
}

func (w *want) untried() bool {
	for i := range w.eligible {
		if w.usable(i) && w.tries[i] == 0 {
			return true
		}
	}
	return false
}

// weights share the endpoints among the classes when all of them wait.
var weights = [...]float64{Interactive: 16, Suggesting: 4, Batch: 1}

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
	calls *list.List    // of *want, the next to be served first
}

func newClass() class { return class{turns: list.New(), flows: map[string]*flow{}} }

// before reports whether w is served before o of the same flow: by the job's own
// order, then by arrival, so that a retry comes before younger calls.
func (w *want) before(o *want) bool {
	return w.order < o.order || w.order == o.order && w.seq < o.seq
}

// push files a call in its flow.
func (c *class) push(w *want) {
	f := c.flows[w.flow]
	if f == nil {
		f = &flow{calls: list.New()}
		f.turn = c.turns.PushBack(f)
		c.flows[w.flow] = f
	}
	for at := f.calls.Back(); at != nil; at = at.Prev() {
		if at.Value.(*want).before(w) {
			w.place = f.calls.InsertAfter(w, at)
			return
		}
	}
	w.place = f.calls.PushFront(w)
}

// remove takes a call out and forgets its flow with the last one.
func (c *class) remove(w *want) {
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
func (c *class) next(try func(*want) (bool, time.Time)) (granted *want, again time.Time) {
	for at := c.turns.Front(); at != nil; at = at.Next() {
		w := at.Value.(*flow).calls.Front().Value.(*want)
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
