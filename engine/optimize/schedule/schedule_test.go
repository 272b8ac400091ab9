package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/optimize/schedule"
)

var (
	errSpent = errors.New("spent")
	errDown  = errors.New("down")
)

// asker makes jobs, and writes down what was begun and what was taken. Everything
// it has is the owner's goroutine's: jobs get their name through the order.
type asker struct {
	s     *schedule.Schedule
	began chan string
	taken []string
}

func newAsker(ctx context.Context, places int) *asker {
	return &asker{began: make(chan string, 1000), s: schedule.New(ctx, schedule.Options{
		Places: places, MaxErrors: 3, Spent: func(err error) bool { return errors.Is(err, errSpent) },
	})}
}

// job takes so many seconds, and has an answer or none.
func (a *asker) job(name string, seconds int, err error) schedule.Job {
	return schedule.Job{
		Ask: func(ctx context.Context) schedule.Reply {
			a.began <- name
			select {
			case <-time.After(time.Duration(seconds) * time.Second):
				return schedule.Reply{Err: err}
			case <-ctx.Done():
				return schedule.Reply{Err: ctx.Err()}
			}
		},
		Take: func() { a.taken = append(a.taken, name) },
	}
}

func (a *asker) jobs(name string, n int) (out []schedule.Job) {
	for i := range n {
		out = append(out, a.job(fmt.Sprint(name, i), 1, nil))
	}
	return out
}

// run runs a script to its end.
func (a *asker) run(f func(*schedule.Script)) error {
	script := schedule.NewScript(f)
	defer script.End()
	return a.s.Run(script)
}

func (a *asker) begun() (out []string) {
	for len(a.began) > 0 {
		out = append(out, <-a.began)
	}
	return out
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func test(t *testing.T, name string, places int, f func(*testing.T, *asker)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := newAsker(t.Context(), places)
			defer a.s.Close()
			f(t, a)
		})
	})
}

func TestPlaces(t *testing.T) {
	test(t, "bound runs", 3, func(t *testing.T, a *asker) {
		start := time.Now()
		err := a.run(func(sc *schedule.Script) { sc.Ask(a.jobs("run", 7)...) })
		if took := time.Since(start); err != nil || took != 3*time.Second || len(a.taken) != 7 {
			t.Errorf("%v, %v for %v", err, took, a.taken)
		}
	})
	test(t, "are not taken by what others wait for", 1, func(t *testing.T, a *asker) {
		start := time.Now()
		writing := a.job("writing", 5, nil)
		writing.Kind = schedule.Writing
		writing.Order = -1
		err := a.run(func(sc *schedule.Script) {
			sc.Together(
				func(sc *schedule.Script) { sc.Ask(a.jobs("run", 4)...) },
				func(sc *schedule.Script) { sc.Ask(writing) })
		})
		if took := time.Since(start); err != nil || took != 5*time.Second {
			t.Errorf("%v, %v", err, took)
		}
		same(t, "tally", schedule.Tally{Done: 4}, a.s.Tally())
	})
}

func TestAScriptGoesOnWhenAllHasComeBack(t *testing.T) {
	test(t, "", 1, func(t *testing.T, a *asker) {
		part := func(name string, order int) func(*schedule.Script) {
			return func(sc *schedule.Script) {
				for step := range 2 {
					jobs := a.jobs(fmt.Sprint(name, step, "."), 2)
					for i := range jobs {
						jobs[i].Order = order
					}
					if !sc.Ask(jobs...) || !sc.Ask() {
						t.Error("it ended")
					}
				}
			}
		}
		err := a.run(func(sc *schedule.Script) {
			sc.Ask(a.jobs("first", 2)...)
			sc.Together(part("late", 2), part("early", 1), func(*schedule.Script) {})
			sc.Ask(a.jobs("last", 1)...)
		})
		if err != nil {
			t.Error(err)
		}
		same(t, "order", "first0 first1 early0.0 early0.1 early1.0 early1.1 late0.0 late0.1 late1.0 late1.1 last0", strings.Join(a.begun(), " "))
	})
}

func TestTheEnd(t *testing.T) {
	// told is what a script hears of four jobs, two at once, of which the second ends it.
	told := func(a *asker, second schedule.Job) (reports []bool, err error) {
		err = a.run(func(sc *schedule.Script) {
			reports = append(reports, sc.Ask(a.job("slow", 4, nil), second, a.job("third", 1, nil), a.job("fourth", 1, nil)))
			reports = append(reports, sc.Ask(a.job("more", 1, nil)), sc.Together(func(*schedule.Script) { reports = append(reports, true) }))
		})
		return reports, err
	}
	never := []bool{false, false, false}
	test(t, "lets answers count that are paid for", 2, func(t *testing.T, a *asker) {
		reports, err := told(a, a.job("spent", 1, fmt.Errorf("as given: %w", errSpent)))
		if !errors.Is(err, errSpent) || err.Error() != "as given: spent" {
			t.Error(err)
		}
		same(t, "script", never, reports)
		same(t, "begun", 2, len(a.begun()))
		same(t, "taken", []string{"slow"}, a.taken)
	})
	test(t, "is the context's", 2, func(t *testing.T, a *asker) {
		second := a.job("second", 1, nil)
		second.Take = a.s.Close
		reports, err := told(a, second)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		same(t, "script", never, reports)
		same(t, "taken", []string(nil), a.taken)
	})
	test(t, "comes after failures in a row", 1, func(t *testing.T, a *asker) {
		bad, good := a.job("bad", 1, errDown), a.job("good", 1, nil)
		known := a.job("known", 1, nil)
		known.Ask = func(context.Context) schedule.Reply { return schedule.Reply{Known: 1} }
		err := a.run(func(sc *schedule.Script) { sc.Ask(bad, bad, good, bad, known, bad, bad, bad) })
		if !errors.Is(err, errDown) || !strings.Contains(err.Error(), "3 runs in a row failed") {
			t.Error(err)
		}
		same(t, "taken", []string{"bad", "bad", "good", "bad", "known", "bad"}, a.taken)
		same(t, "tally", schedule.Tally{Done: 7, Known: 1}, a.s.Tally())
		if a.s.LastErr() != errDown {
			t.Error(a.s.LastErr())
		}
	})
	test(t, "is a panic, in the caller's goroutine", 2, func(t *testing.T, a *asker) {
		second := a.job("second", 1, nil)
		second.Ask = func(context.Context) schedule.Reply { panic("boom") }
		defer func() { same(t, "panic", any("boom"), recover()) }()
		told(a, second)
	})
}

func TestOneStrategyAfterTheOther(t *testing.T) {
	test(t, "", 4, func(t *testing.T, a *asker) {
		bad := a.job("bad", 1, errDown)
		for range 3 { // in a row, but not of one strategy
			if err := a.run(func(sc *schedule.Script) { sc.Ask(bad, bad) }); err != nil {
				t.Error(err)
			}
		}
		same(t, "tally", schedule.Tally{Done: 6}, a.s.Tally())
		if err := a.s.Unanswered(); !errors.Is(err, errDown) || !strings.Contains(err.Error(), "none of 6 runs") {
			t.Error(err)
		}
	})
}

func TestANeedThatIsOver(t *testing.T) {
	test(t, "", 9, func(t *testing.T, a *asker) {
		whole := a.s.Need().Part()
		part := whole.Part()
		late, partly, ends := a.job("late", 60, nil), a.job("partly", 60, errDown), a.job("ends", 1, nil)
		late.Need, partly.Need = whole, part
		ends.Take = whole.End
		start := time.Now()
		err := a.run(func(sc *schedule.Script) {
			if !sc.Ask(late, partly, ends) {
				t.Error("the rest of the schedule goes on")
			}
			sc.Ask(a.jobs("other", 1)...)
		})
		if took := time.Since(start); err != nil || took != 2*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		same(t, "taken", []string{"other0"}, a.taken)
		same(t, "tally", schedule.Tally{Done: 2}, a.s.Tally())
	})
}

func TestOrderAndLookups(t *testing.T) {
	type key struct{}
	s := schedule.New(t.Context(), schedule.Options{Places: 1, MaxErrors: 1,
		Order: func(ctx context.Context, order int) context.Context { return context.WithValue(ctx, key{}, order) }})
	defer s.Close()
	found := 0
	script := schedule.NewScript(func(sc *schedule.Script) {
		sc.Ask(schedule.Job{Kind: schedule.Lookup, Order: 7, Take: func() {}, Ask: func(ctx context.Context) schedule.Reply {
			found, _ = ctx.Value(key{}).(int)
			return schedule.Reply{Known: 5}
		}})
	})
	defer script.End()
	if err := s.Run(script); err != nil || !script.Complete() || found != 7 {
		t.Errorf("%v, order %d", err, found)
	}
	same(t, "tally", schedule.Tally{Done: 5, Known: 5}, s.Tally())
}
