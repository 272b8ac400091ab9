package gate

import (
	"context"
	"slices"
	"sync"

	"qgen-sidecar/internal/vectors"
)

// Underway are the questions of one job that passed the gate duplicate and are
// not saved yet, nor given up: the index does not know them. A question that is
// nearly one of these waits for what becomes of it.
//
// Nobody waits in a ring: a question waits only as it enters, for those that
// entered before, and whoever asked it holds no other one then.
type Underway struct {
	mu   sync.Mutex
	line []*entered
}

// entered is a question under way.
type entered struct {
	question string
	vector   []float32
	saved    bool          // once settled
	settled  chan struct{} // closed then
}

// enter puts a question in, and gives an earlier one that was saved and is as near
// as least; "" none. The caller settles what it entered, also after an error.
func (u *Underway) enter(ctx context.Context, question string, vector []float32, least float64) (near string, at float64, e *entered, err error) {
	e = &entered{question: question, vector: vector, settled: make(chan struct{})}
	u.mu.Lock()
	before := slices.Clone(u.line)
	u.line = append(u.line, e)
	u.mu.Unlock()
	for _, other := range before {
		likeness := vectors.Cosine(vector, other.vector)
		if likeness < least {
			continue
		}
		select {
		case <-other.settled:
		case <-ctx.Done():
			return "", 0, e, context.Cause(ctx)
		}
		if other.saved {
			return other.question, likeness, e, nil
		}
	}
	return "", 0, e, nil
}

// settle takes a question out.
func (u *Underway) settle(e *entered, saved bool) {
	u.mu.Lock()
	u.line = slices.DeleteFunc(u.line, func(o *entered) bool { return o == e })
	u.mu.Unlock()
	e.saved = saved
	close(e.settled)
}
