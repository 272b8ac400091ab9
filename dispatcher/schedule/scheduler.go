package schedule

import (
	"context"
	"errors"
	"sync"
	"time"
)

// What Acquire ends with, besides the cause of its context's end: nobody is left to
// grant anything, or Close was called.
var (
	ErrHopeless = errors.New("every eligible endpoint is dead or has failed the call")
	ErrClosed   = errors.New("the dispatcher is closed")
)

// Scheduler decides which call goes to which endpoint, and when. Everything
// that calls change about endpoints and each other is here, behind one mutex.
// Whatever may let a waiting call go ends in pump. Safe for concurrent use.
type Scheduler struct {
	mu        sync.Mutex
	endpoints []*Endpoint // in the order of the config; host last
	classes   [len(weights)]class
	waiting   int
	turn      uint64 // grants so far
	seq       uint64 // calls so far
	timer     *time.Timer
	unsaved   bool          // something was found out about limits
	onFinding func()        // called when unsaved becomes true
	done      chan struct{} // closed by Close
}

// New schedules calls over endpoints, in the order of the config. onFinding is called
// when something was found out about limits that Findings has not told yet; it is not
// to wait.
func New(endpoints []*Endpoint, onFinding func()) *Scheduler {
	s := &Scheduler{endpoints: endpoints, onFinding: onFinding, done: make(chan struct{})}
	for i := range s.classes {
		s.classes[i] = newClass()
	}
	return s
}

// Arrive gives a call its place in the order of arrival; its retries keep it.
func (s *Scheduler) Arrive(w *Want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	w.seq = s.seq
}

// Acquire waits for an endpoint for w: until ctx ends, or until deadline when
// then only failed and failing endpoints are left (ErrHopeless).
func (s *Scheduler) Acquire(ctx context.Context, w *Want, deadline time.Time) (*Lease, error) {
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
	w.granted = make(chan *Lease, 1)
	w.wasStuck, w.since = w.stuck(), time.Now()
	s.enqueue(w)
	s.pump()
	s.mu.Unlock()
	return s.wait(ctx, w, deadline)
}

// TryAcquire takes an endpoint other than busy that is free now, or nil.
func (s *Scheduler) TryAcquire(w *Want, busy *Endpoint) *Lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	other := w.without(busy)
	l, _ := s.try(&other, time.Now())
	return l
}

func (s *Scheduler) refuse(w *Want) error {
	select {
	case <-s.done:
		return ErrClosed
	default:
	}
	w.wasStuck = false
	if w.hopeless() {
		return ErrHopeless
	}
	return nil
}

// patienceStep is how often a call whose patience is over looks again whether
// it still waits for a limit.
const patienceStep = time.Second

func (s *Scheduler) wait(ctx context.Context, w *Want, deadline time.Time) (*Lease, error) {
	patience := time.NewTimer(time.Until(deadline))
	defer patience.Stop()
	for {
		select {
		case l, ok := <-w.granted:
			if !ok {
				return nil, ErrHopeless
			}
			return l, nil
		case <-ctx.Done():
			s.leave(w)
			return nil, context.Cause(ctx)
		case <-s.done:
			s.leave(w)
			return nil, ErrClosed
		case <-patience.C:
			if s.giveUp(w) {
				return nil, ErrHopeless
			}
			patience.Reset(patienceStep)
		}
	}
}

// leave takes a waiting call out; a lease granted meanwhile goes back unused.
func (s *Scheduler) leave(w *Want) {
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

func (s *Scheduler) giveUp(w *Want) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.place == nil || !w.stuck() {
		return false
	}
	s.dequeue(w)
	return true
}

// Hurry makes a call as urgent as another that waits for its answer: it moves to a
// more urgent class, or to the fore of its own.
func (s *Scheduler) Hurry(w, by *Want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, order := by.priority, by.Order
	if p >= w.priority && order >= w.Order {
		return
	}
	waits := w.place != nil
	if waits {
		s.dequeue(w)
	}
	w.priority, w.Order = min(p, w.priority), min(order, w.Order)
	if !waits {
		return
	}
	s.enqueue(w)
	s.pump()
}

func (s *Scheduler) enqueue(w *Want) {
	c := &s.classes[w.priority]
	if len(c.flows) == 0 {
		c.pass = max(c.pass, s.leastPass())
	}
	c.push(w)
	s.waiting++
}

func (s *Scheduler) dequeue(w *Want) {
	s.classes[w.priority].remove(w)
	s.waiting--
}

// leastPass is where a class that was idle joins: it has saved up no turns.
func (s *Scheduler) leastPass() float64 {
	least, found := 0.0, false
	for i := range s.classes {
		if c := &s.classes[i]; len(c.flows) > 0 && (!found || c.pass < least) {
			least, found = c.pass, true
		}
	}
	return least
}

// pump grants all that can be granted now and sets the timer for the rest.
func (s *Scheduler) pump() {
	now := time.Now()
	var again time.Time
	for s.waiting > 0 {
		granted := false
		again = time.Time{}
		for _, c := range s.byPass() {
			w, when := c.next(func(w *Want) (bool, time.Time) { return s.grant(w, now) })
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
func (s *Scheduler) byPass() []*class {
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
func (s *Scheduler) grant(w *Want, now time.Time) (bool, time.Time) {
	l, when := s.try(w, now)
	if l == nil {
		return false, when
	}
	w.granted <- l
	return true, time.Time{}
}

func (s *Scheduler) wake(now, at time.Time) {
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
func (s *Scheduler) try(w *Want, now time.Time) (*Lease, time.Time) {
	i, when := choose(w, now)
	if i < 0 {
		return nil, when
	}
	to := w.Eligible[i]
	s.turn++
	to.turn, to.lane.granted = s.turn, now
	l := &Lease{Target: to, Index: i}
	l.occupy(now, w.tokens)
	return l, time.Time{}
}

// unuse gives back a lease with which nothing was sent.
func (s *Scheduler) unuse(l *Lease) {
	l.vacate()
	l.lane.limits.Return(l.taken)
}

// Close lets every waiting call go.
func (s *Scheduler) Close() {
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
