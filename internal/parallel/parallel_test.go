package parallel_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"qgen-sidecar/internal/parallel"
)

func TestDoStopsAtTheFirstError(t *testing.T) {
	wrong := errors.New("wrong")
	var done atomic.Int32
	tasks := make([]func() error, 100)
	for i := range tasks {
		tasks[i] = func() error {
			done.Add(1)
			if i == 3 {
				return wrong
			}
			return nil
		}
	}
	if err := parallel.Do(t.Context(), 1, tasks); !errors.Is(err, wrong) {
		t.Errorf("err = %v", err)
	}
	if n := done.Load(); n != 4 {
		t.Errorf("%d tasks were run, want the four up to the error", n)
	}
}

func TestDoEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("why")
	ran := 0
	err := parallel.Do(ctx, 1, []func() error{
		func() error { ran++; cancel(why); return nil },
		func() error { ran++; return nil },
		func() error { ran++; return nil },
	})
	if !errors.Is(err, why) || ran != 1 {
		t.Errorf("err = %v after %d tasks", err, ran)
	}
}

// Whoever waits can recover from the panic of a task.
func TestAPanicIsRaisedWhereTasksAreWaitedFor(t *testing.T) {
	defer func() {
		p, _ := recover().(string)
		if !strings.Contains(p, "a slip of the hand") || !strings.Contains(p, "parallel_test.go") {
			t.Errorf("recovered %q, want the panic with the task's stack", p)
		}
	}()
	_ = parallel.Do(t.Context(), 2, []func() error{func() error { panic("a slip of the hand") }, func() error { return nil }})
	t.Error("nothing was raised")
}
