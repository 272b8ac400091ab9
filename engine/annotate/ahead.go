package annotate

import (
	"context"
	"fmt"
	"sync"
)

// item is what is known about the current chunk: its persona and candidates,
// or why there are none.
type item struct {
	Suggestions
	Err error
}

// ahead makes suggestions before they are wanted. It keeps jobs for the
// chunks that are next and ends all others, so what is in flight is bounded.
type ahead struct {
	ctx     context.Context
	suggest func(ctx context.Context, c Chunk, w Wish) (Suggestions, error)
	wait    sync.WaitGroup
	mu      sync.Mutex
	jobs    map[int]*job // by chunk index
}

// job is one chunk's suggestions in the making; got is set when done is closed.
type job struct {
	done   chan struct{}
	cancel context.CancelFunc
	got    item
}

func newAhead(ctx context.Context, o Options) *ahead {
	return &ahead{ctx: ctx, suggest: o.Suggest, jobs: map[int]*job{}}
}

// want keeps the jobs of these chunks, starts those that are missing, and ends
// the others.
func (a *ahead) want(chunks []Chunk, indices ...int) {
	keep := map[int]bool{}
	for _, i := range indices {
		keep[i] = true
	}
	a.mu.Lock()
	for i, j := range a.jobs {
		if !keep[i] {
			j.cancel()
			delete(a.jobs, i)
		}
	}
	a.mu.Unlock()
	for _, i := range indices {
		a.mu.Lock()
		_, running := a.jobs[i]
		a.mu.Unlock()
		if !running {
			a.start(i, chunks[i], Wish{})
		}
	}
}

// start makes suggestions for chunk i, in place of those it has.
func (a *ahead) start(i int, c Chunk, w Wish) *job {
	ctx, cancel := context.WithCancel(a.ctx)
	j := &job{done: make(chan struct{}), cancel: cancel}
	a.mu.Lock()
	if old := a.jobs[i]; old != nil {
		old.cancel()
	}
	a.jobs[i] = j
	a.mu.Unlock()
	a.wait.Go(func() {
		defer cancel()
		defer close(j.done)
		defer func() {
			if r := recover(); r != nil {
				j.got.Err = fmt.Errorf("suggesting failed: %v", r)
			}
		}()
		j.got.Suggestions, j.got.Err = a.suggest(ctx, c, w)
		if j.got.Persona == nil {
			j.got.Persona = w.Persona
		}
		if w.Persona != nil {
			j.got.Name, j.got.Match = w.Name, w.Match
		}
	})
	return j
}

// job of chunk i; want it first.
func (a *ahead) job(i int) *job {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.jobs[i]
}

// close ends all jobs and waits for them.
func (a *ahead) close() {
	a.mu.Lock()
	for _, j := range a.jobs {
		j.cancel()
	}
	a.mu.Unlock()
	a.wait.Wait()
}
