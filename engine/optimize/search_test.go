package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
)

// memory keeps what was answered over many compiles, as the dispatcher's cache
// does, and counts what was asked.
type memory struct {
	mu     sync.Mutex
	kept   map[string]any
	asked  int // runs and judgements that were paid for
	lost   int // of these, cut off before they were answered
	judged int
	stop   int // cancel at this judgement; 0: never
	cancel func()
}

var errUnknown = errors.New("not known")

type recalling struct{}

// asks answers from memory, or asks, which takes a while.
func asks[T any](ctx context.Context, m *memory, key string, ask func() (T, error)) (T, error) {
	m.mu.Lock()
	v, known := m.kept[key]
	m.mu.Unlock()
	var none T
	if known {
		return v.(T), nil
	}
	if ctx.Value(recalling{}) != nil {
		return none, errUnknown
	}
	if ctx.Err() != nil {
		return none, ctx.Err()
	}
	m.mu.Lock()
	m.asked++
	m.mu.Unlock()
	select {
	case <-time.After(time.Second + time.Duration(number(key)%2000)*time.Millisecond):
	case <-ctx.Done():
		m.mu.Lock()
		m.lost++
		m.mu.Unlock()
		return none, ctx.Err()
	}
	out, err := ask()
	if err == nil {
		m.mu.Lock()
		m.kept[key] = out
		m.mu.Unlock()
	}
	return out, err
}

// remember makes the task one whose answers are paid for once.
func (m *memory) remember(t optimize.Task) optimize.Task {
	teach, predict, judge := t.Teach, t.Predict, t.Judge
	t.Teach = func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
		return asks(ctx, m, fmt.Sprint("teach", p.Hash(), ex.Index, round), func() (program.Prediction, error) { return teach(ctx, p, ex, round) })
	}
	t.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
		return asks(ctx, m, fmt.Sprint("predict", p.Hash(), ex.Index), func() (program.Prediction, error) { return predict(ctx, p, ex) })
	}
	t.Judge = func(ctx context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
		return asks(ctx, m, fmt.Sprint("judge", ex.Index, p.Query), func() (optimize.Score, error) {
			m.mu.Lock()
			if m.judged++; m.judged == m.stop {
				m.cancel()
			}
			m.mu.Unlock()
			return judge(ctx, ex, p)
		})
	}
	t.Recall = func(ctx context.Context) context.Context { return context.WithValue(ctx, recalling{}, true) }
	return t
}

// Interrupted ten times and called again, a compile asks for no more than an
// undisturbed one and what was cut off, and ends with the same.
func TestWhatIsKnownIsNotAskedAgain(t *testing.T) {
	for _, prune := range []bool{false, true} {
		for _, concurrency := range []int{8, 64} {
			t.Run(fmt.Sprintf("prune %t, %d at once", prune, concurrency), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := optimize.Defaults()
					s.Prune, s.Concurrency, s.MaxErrors = prune, concurrency, 1000
					task, _ := newTask(20, 14, 40)
					whole := &memory{kept: map[string]any{}}
					want := compile(t, whole.remember(task), s)

					broken := &memory{kept: map[string]any{}}
					for range 10 {
						ctx, cancel := context.WithCancel(t.Context())
						broken.stop, broken.cancel = broken.judged+whole.judged/11, cancel
						_, err := optimize.Compile(ctx, broken.remember(task), s)
						cancel()
						if err != nil && !errors.Is(err, context.Canceled) {
							t.Fatal(err)
						}
					}
					broken.stop = 0
					got := compile(t, broken.remember(task), s)
					if extra := broken.asked - broken.lost - whole.asked; extra > 0 {
						t.Errorf("%d were asked of which %d were cut off, %d more than the %d of an undisturbed run", broken.asked, broken.lost, extra, whole.asked)
					}
					sameResult(t, want, got)

					before := broken.asked
					sameResult(t, want, compile(t, broken.remember(task), s))
					if broken.asked != before {
						t.Errorf("the same again asked for %d", broken.asked-before)
					}
				})
			})
		}
	}
}

func sameResult(t *testing.T, want, got optimize.Result) {
	t.Helper()
	if got.Best.Candidate != want.Best.Candidate || *got.Best.Score != *want.Best.Score || got.Best.Program.Hash() != want.Best.Program.Hash() {
		t.Errorf("expected %d with %v to win, found %d with %v", want.Best.Candidate, *want.Best.Score, got.Best.Candidate, *got.Best.Score)
	}
	if diff := cmp.Diff(want.Best.Entries, got.Best.Entries); diff != "" {
		t.Error(diff)
	}
}

// Where the end waits for bootstrapping, examples are tried ahead: the whole takes
// hardly longer than its work, and its demonstrations are the same.
func TestTryingAheadShortensTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := optimize.Defaults()
		s.Prune = false
		took := map[int]time.Duration{}
		var results []optimize.Result
		for _, concurrency := range []int{16, 64} {
			task, asked := newTask(40, 30, 30)
			teach, predict := task.Teach, task.Predict
			task.Teach = func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
				time.Sleep(time.Second)
				return teach(ctx, p, ex, round)
			}
			task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
				time.Sleep(time.Second)
				return predict(ctx, p, ex)
			}
			s.Concurrency = concurrency
			began := time.Now()
			results = append(results, compile(t, task, s))
			took[concurrency] = time.Since(began)
			t.Logf("%d at once: %v for %d + %d runs", concurrency, took[concurrency], asked.teach.Load(), asked.evaluate.Load())
		}
		for i, c := range results[1].Candidates {
			if diff := cmp.Diff(results[0].Candidates[i].Entries, c.Entries); diff != "" {
				t.Errorf("candidate %d: %s", c.Candidate, diff)
			}
		}
		if took[16] > 18*time.Second || took[64] > 6*time.Second {
			t.Errorf("expected 18 s and 6 s at the most, found %v", took)
		}
	})
}
