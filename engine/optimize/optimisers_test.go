package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/internal/fault"
)

// Every name that a setting may have can be planned and run, within its plan.
func TestEveryOptimiserRunsAndPlans(t *testing.T) {
	s := optimize.Defaults()
	s.Name = "unheard of"
	var wrong *fault.ParamError
	if err := s.Validate(); !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	names := strings.Split(strings.TrimPrefix(wrong.Expected, "one of "), ", ")
	if len(names) < 5 {
		t.Errorf("found only %v", names)
	}
	if none := optimize.Plan(optimize.Task{}, s); none.Runs.Most != 0 {
		t.Errorf("a plan of no optimiser: %+v", none)
	}
	for _, s.Name = range names {
		task, asked := newTask(12, 8, 40)
		task.Reflect = func(_ context.Context, r optimize.Reflection) (string, error) {
			return fmt.Sprint(r.Program.Predictor(r.Predictor).Signature.Instructions, " ", r.Draw), nil
		}
		plan := optimize.Plan(task, s)
		res := compile(t, task, s)
		if runs := int(asked.evaluate.Load()); res.Best.Score == nil || res.Baseline.Candidate != -3 || runs < plan.Runs.Least || runs > plan.Runs.Most {
			t.Errorf("%s: best %+v, %d runs of %+v", s.Name, res.Best, runs, plan.Runs)
		}
	}
}
