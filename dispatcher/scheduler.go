package dispatcher

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	errHopeless = errors.New("every eligible endpoint is dead or has failed the call")
	errClosed   = errors.New("the dispatcher is closed")
)

// scheduler decides which call goes to which endpoint, and when. Everything
// that calls change about endpoints and each other is here, behind one mutex:
// acquire and release are the only ways in for calls, and each ends in pump.
type scheduler struct {
	mu        sync.Mutex
	endpoints []*endpoint // in the order of the config; host last
	classes   [len(weights)]class
	waiting   int
	turn      uint64 // grants so far
	seq       uint64 // calls so far
	timer     *time.Timer
	unsaved   bool          // something was found out about limits
	onFinding func()        // called when unsaved becomes true
	done      chan struct{} // closed by close
}

func newScheduler(endpoints []*endpoint) *scheduler {
	s := &scheduler{endpoints: endpoints, done: make(chan struct{})}
	for i := range s.classes {
		s.classes[i] = newClass()
	}
	return s
}

// lease is one call's place at one endpoint: to be given back by release.
type lease struct {
	target
	at     time.Time
	limits *limits // that it was sent under
	tokens int     // reserved
	owed   owed

	place, placeInLane *list.Element
}

// vacate gives the place in flight back.
func (l *lease) vacate() {
	l.endpoint.inFlight.Remove(l.place)
	l.lane.inFlight.Remove(l.placeInLane)
}

// arrival numbers a call; its retries keep the number.
func (s *scheduler) arrival() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	return s.seq
}

// acquire waits for an endpoint for w: until ctx ends, or until deadline when
// then only failed and failing endpoints are left.
func (s *scheduler) acquire(ctx context.Context, w *want, deadline time.Time) (*lease, error) {
	s.mu.Lock()
	if err := s.refuse(w); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if s.waiting == 0 {
		if l, _ := s.try(w, time.Now()); l != nil {
			s.mu.Unlock()
			return l, nil
		}
	}
	w.granted = make(chan *lease, 1)
	w.wasStuck, w.since = w.stuck(), time.Now()
	s.enqueue(w)
	s.pump()
	s.mu.Unlock()
	return s.wait(ctx, w, deadline)
}

// tryAcquire takes an endpoint other than busy's that is free now, or nil.
func (s *scheduler) tryAcquire(w *want, busy *endpoint) *lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	other := *w
	other.tries = append([]int(nil), w.tries...)
	for i, e := range other.eligible {
		if e.endpoint == busy {
			other.tries[i] = maxTries
		}
	}
	l, _ := s.try(&other, time.Now())
	return l
}

func (s *scheduler) refuse(w *want) error {
	select {
	case <-s.done:
		return errClosed
	default:
	}
	w.wasStuck = false
	if w.hopeless() {
		return errHopeless
	}
	return nil
}

// patienceStep is how often a call whose patience is over looks again whether
// it still waits for a limit.
const patienceStep = time.Second

func (s *scheduler) wait(ctx context.Context, w *want, deadline time.Time) (*lease, error) {
	patience := time.NewTimer(time.Until(deadline))
	defer patience.Stop()
	for {
		select {
		case l, ok := <-w.granted:
			if !ok {
				return nil, errHopeless
			}
			return l, nil
		case <-ctx.Done():
			s.leave(w)
			return nil, context.Cause(ctx)
		case <-s.done:
			s.leave(w)
			return nil, errClosed
		case <-patience.C:
			if s.giveUp(w) {
				return nil, errHopeless
			}
			patience.Reset(patienceStep)
		}
	}
}

// leave takes a waiting call out; a lease granted meanwhile goes back unused.
func (s *scheduler) leave(w *want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.place != nil {
		s.dequeue(w)
		return
	}
	if l, ok := <-w.granted; ok {
		s.unuse(l)
		s.pump()
	}
}

func (s *scheduler) giveUp(w *want) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.place == nil || !w.stuck() {
		return false
	}
	s.dequeue(w)
	return true
}

// raise moves a call to a more urgent class, or to the fore of its own.
func (s *scheduler) raise(w *want, p Priority, order int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p >= w.priority && order >= w.order {
		return
	}
	waits := w.place != nil
	if waits {
		s.dequeue(w)
	}
	w.priority, w.order = min(p, w.priority), min(order, w.order)
	if !waits {
		return
	}
	s.enqueue(w)
	s.pump()
}

func (s *scheduler) enqueue(w *want) {
	c := &s.classes[w.priority]
	if len(c.flows) == 0 {
		c.pass = max(c.pass, s.leastPass())
	}
	c.push(w)
	s.waiting++
}

func (s *scheduler) dequeue(w *want) {
	s.classes[w.priority].remove(w)
	s.waiting--
}

// leastPass is where a class that was idle joins: it has saved up no turns.
func (s *scheduler) leastPass() float64 {
	least, found := 0.0, false
	for i := range s.classes {
		if c := &s.classes[i]; len(c.flows) > 0 && (!found || c.pass < least) {
			least, found = c.pass, true
		}
	}
	return least
}

// pump grants all that can be granted now and sets the timer for the rest.
func (s *scheduler) pump() {
	now := time.Now()
	var again time.Time
	for s.waiting > 0 {
		granted := false
		again = time.Time{}
		for _, c := range s.byPass() {
			w, when := c.next(func(w *want) (bool, time.Time) { return s.grant(w, now) })
			if w != nil {
				granted = true
				s.dequeue(w)
				c.pass += 1 / weights[w.priority]
				break
			}
			again = earlier(again, when)
		}
		if !granted {
			break
		}
	}
	s.wake(now, again)
}

// byPass are the classes with calls, the one furthest behind first.
func (s *scheduler) byPass() []*class {
	out := make([]*class, 0, len(s.classes))
	for i := range s.classes {
		if c := &s.classes[i]; len(c.flows) > 0 {
			out = append(out, c)
		}
	}
	for i := 1; i < len(out); i++ {
		for j := i; j > 0 && out[j].pass < out[j-1].pass; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// grant hands w a lease, or says when to try again.
func (s *scheduler) grant(w *want, now time.Time) (bool, time.Time) {
	l, when := s.try(w, now)
	if l == nil {
		return false, when
	}
	w.granted <- l
	return true, time.Time{}
}

func (s *scheduler) wake(now, at time.Time) {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if s.waiting == 0 || at.IsZero() {
		return
	}
	s.timer = time.AfterFunc(max(0, at.Sub(now)), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pump()
	})
}

// try gives w a lease now, or says when a limit allows one (the zero time: an
// endpoint must first give back a place).
func (s *scheduler) try(w *want, now time.Time) (*lease, time.Time) {
	to, when := choose(w, now)
	if to.endpoint == nil {
		return nil, when
	}
	s.turn++
	to.turn, to.lane.granted = s.turn, now
	l := &lease{target: to, at: now, limits: to.lane.limits, tokens: w.tokens}
	l.place, l.placeInLane = to.inFlight.PushBack(l), to.lane.inFlight.PushBack(l)
	l.owed = to.lane.take(now, w.tokens)
	return l, time.Time{}
}

// release gives a lease back with what became of the call, and reports how the
// endpoint's state changed by it: "" when it did not.
func (s *scheduler) release(l *lease, o *outcome) (changed string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := l.endpoint.state(l.at)
	s.settle(l, o)
	s.pump()
	if after := l.endpoint.state(time.Now()); after != before {
		return after
	}
	return ""
}

// unuse gives back a lease with which nothing was sent.
func (s *scheduler) unuse(l *lease) {
	l.vacate()
	l.limits.unuse(l.tokens)
	l.lane.own.refund(1)
}

// settle is the one place where an outcome changes an endpoint.
func (s *scheduler) settle(l *lease, o *outcome) {
	e, m, now := l.endpoint, l.lane.limits, time.Now()
	l.vacate()
	l.limits.settle(now, l.tokens, o.answer.promptTokens+o.answer.completionTokens)
	if o.message != "" {
		e.lastError = o.message
	}
	switch o.kind {
	case answered:
		o.hints.credible(o.answer.promptTokens + o.answer.completionTokens)
		e.succeeded(l.lane, now.Sub(l.at))
		m.took(now)
		e.told(now, l, o.hints)
	case unusable, rejected:
		e.failed++
		e.up(l.lane)
		e.told(now, l, o.hints)
	case missing:
		e.up(l.lane)
		e.missing[o.model] = now
	case limited:
		if most := l.limits.tokens.perSecond * 60; most > 0 && float64(l.tokens) > 1.25*most {
			// Its limit is known, and no waiting makes room for so much.
			o.kind, o.message = rejected, fmt.Sprintf("%s (this one request is counted as %d tokens, and %.0f a minute are allowed: no waiting cures that)", o.message, l.tokens, most)
			e.failed++
			break
		}
		e.rateLimited(now, l, o.hints)
		e.told(now, l, o.hints)
	case failed:
		e.broke(now, l.at, o.hints.retryAfter)
	case denied:
		e.failed++
		if e.refused(l.lane, o, now) {
			s.bury(e, o.message)
		}
	case abandoned:
		// A call given up while it ran longer than usual says something.
		if took := now.Sub(l.at); took > l.lane.latency {
			l.lane.note(took)
		}
	}
	if l.lane.limits.foundAt.Equal(now) && !s.unsaved {
		s.unsaved = true
		s.onFinding()
	}
}

// bury takes a dead endpoint out of the choice, and lets those calls go that
// have no other.
func (s *scheduler) bury(e *endpoint, why string) {
	e.dead, e.diedAt = why, time.Now()
	for i := range s.classes {
		for _, f := range s.classes[i].flows {
			for at := f.calls.Front(); at != nil; {
				w := at.Value.(*want)
				at = at.Next()
				if w.hopeless() {
					s.dequeue(w)
					close(w.granted)
				}
			}
		}
	}
}

// close lets every waiting call go.
func (s *scheduler) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return
	default:
		close(s.done)
	}
	if s.timer != nil {
		s.timer.Stop()
	}
}
