package dispatcher

import (
	"context"
	"sync"
)

// flights lets equal requests share one call. Each caller waits with a context
// of its own; the call ends early only when all of them have left.
type flights[T any] struct {
	mu  sync.Mutex
	all map[string]*flight[T]
}

type flight[T any] struct {
	callers int
	cancel  context.CancelFunc
	done    chan struct{}
	value   T
	err     error
	panic   any // what the call panicked with: every caller gets it
}

// do runs call for key, or waits for the one that runs; joined tells which.
func (f *flights[T]) do(ctx context.Context, key string, call func(context.Context) (T, error)) (value T, joined bool, err error) {
	f.mu.Lock()
	if f.all == nil {
		f.all = map[string]*flight[T]{}
	}
	one, joined := f.all[key]
	if !joined {
		// The values of the first caller's context (its accounts) hold for
		// the call, its end does not.
		run, cancel := context.WithCancel(context.WithoutCancel(ctx))
		one = &flight[T]{cancel: cancel, done: make(chan struct{})}
		f.all[key] = one
		go f.run(run, key, one, call)
	}
	one.callers++
	f.mu.Unlock()
	select {
	case <-one.done:
		if one.panic != nil {
			panic(one.panic)
		}
		return one.value, joined, one.err
	case <-ctx.Done():
		f.leave(key, one)
		return value, joined, context.Cause(ctx)
	}
}

func (f *flights[T]) run(ctx context.Context, key string, one *flight[T], call func(context.Context) (T, error)) {
	defer func() {
		one.panic = recover()
		one.cancel()
		f.mu.Lock()
		f.forget(key, one)
		f.mu.Unlock()
		close(one.done)
	}()
	one.value, one.err = call(ctx)
}

func (f *flights[T]) leave(key string, one *flight[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.callers--; one.callers == 0 {
		// Whoever comes now starts anew rather than join a call that ends.
		f.forget(key, one)
		one.cancel()
	}
}

func (f *flights[T]) forget(key string, one *flight[T]) {
	if f.all[key] == one {
		delete(f.all, key)
	}
}
