package dispatcher

import (
	"context"
	"errors"
	"sync"
	"time"

	"qgen-sidecar/dispatcher/schedule"
)

// flights let equal requests share one call. The first caller makes it, on its
// own goroutine; the others wait, each with a context of its own. The call ends
// early only when all of them have left, or with life; a first caller who leaves
// others behind stays up to leaveAfter for their sake, and then one of them
// makes the call again. (A goroutine for each call would let the first leave at
// once, at the price of two switches for every call.)
type flights[T any] struct {
	life  context.Context
	hurry func(w, by *schedule.Want) // makes a call as urgent as one that joined it
	mu    sync.Mutex
	all   map[key]*flight[T]
}

const leaveAfter = time.Second

var errLeft = errors.New("the caller who made the call left")

type flight[T any] struct {
	lead    *schedule.Want // what the first caller asked; nil: several calls
	callers int
	cancel  context.CancelCauseFunc
	done    chan struct{} // closed at the end; nil while nobody else waits
	value   T
	err     error
}

// share runs answer for k, or waits for the one that runs; then joined marks
// the result as another caller's. lead is what answer will ask, so that callers
// who join can hurry it.
func (f *flights[T]) share(ctx context.Context, k key, lead *schedule.Want, answer func(context.Context) (T, error), joined func(*T)) (T, error) {
	for {
		one, first := f.join(k, lead)
		if first {
			return f.run(ctx, k, one, answer)
		}
		value, err := f.wait(ctx, k, one)
		var spent *BudgetError
		switch {
		case errors.Is(err, errLeft), errors.As(err, &spent): // the first caller's end, not ours
			continue
		case err == nil:
			joined(&value)
		}
		return value, err
	}
}

// join finds the call for k or begins one.
func (f *flights[T]) join(k key, lead *schedule.Want) (one *flight[T], first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[key]*flight[T]{}
	}
	one = f.all[k]
	if one == nil {
		one = &flight[T]{lead: lead, callers: 1}
		f.all[k] = one
		return one, true
	}
	if one.done == nil {
		one.done = make(chan struct{})
	}
	if lead != nil {
		f.hurry(one.lead, lead)
	}
	one.callers++
	return one, false
}

// run makes the call. The values of the caller's context (its accounts) hold
// for it, the context's end does not.
func (f *flights[T]) run(ctx context.Context, k key, one *flight[T], answer func(context.Context) (T, error)) (value T, err error) {
	run, cancel := context.WithCancelCause(valuesOf{f.life, ctx})
	defer cancel(nil)
	one.cancel = cancel
	one.err = errLeft // if answer panics
	defer f.end(k, one)
	defer context.AfterFunc(ctx, func() {
		f.leave(k, one)
		time.AfterFunc(leaveAfter, func() { cancel(errLeft) })
	})()
	one.value, one.err = answer(run)
	if ctx.Err() != nil {
		return value, context.Cause(ctx)
	}
	return one.value, one.err
}

func (f *flights[T]) end(k key, one *flight[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget(k, one)
	if one.done != nil {
		close(one.done)
	}
}

func (f *flights[T]) wait(ctx context.Context, k key, one *flight[T]) (value T, err error) {
	select {
	case <-one.done:
		return one.value, one.err
	case <-ctx.Done():
		f.leave(k, one)
		return value, context.Cause(ctx)
	}
}

// leave ends the call with its last caller.
func (f *flights[T]) leave(k key, one *flight[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.callers--; one.callers > 0 {
		return
	}
	// Whoever comes now starts anew rather than join a call that ends.
	f.forget(k, one)
	one.cancel(errLeft)
}

func (f *flights[T]) forget(k key, one *flight[T]) {
	if f.all[k] == one {
		delete(f.all, k)
	}
}

// valuesOf is a context that ends as one does and holds another's values. The
// first is asked for values too: contexts made of this one find by a value of
// its own what they end with.
type valuesOf struct {
	context.Context
	values context.Context
}

func (v valuesOf) Value(key any) any {
	if own := v.Context.Value(key); own != nil {
		return own
	}
	return v.values.Value(key)
}
