package optimize

import (
	"context"
	"errors"
	"fmt"
)

// Compile runs the optimiser that s names. On an error after some candidate
// was fully scored (budget, cancel), Result holds the best so far, Partial.
// Errors: *fault.ParamError; the context's; the one that Task.Spent knew, as the task
// gave it; or the task's last error, when too many runs failed in a row or none was
// answered.
func Compile(ctx context.Context, t Task, s Settings) (Result, error) {
	if err := s.Validate(); err != nil {
		return Result{}, err
	}
	if len(t.Train) == 0 {
		return Result{}, errors.New("optimize: expected at least one training example, found none; make the train part of the split larger or add gold entries")
	}
	c := newCompilation(ctx, t, s)
	defer c.schedule.Close()
	c.warnings = shared(t)
	return optimisers[c.settings.Name].run(c)
}

// Recall goes through what Compile would ask and what is known already (see
// Task.Recall), and asks nothing: so that the caller can count what there is.
func Recall(ctx context.Context, t Task, s Settings) error {
	if err := s.Validate(); err != nil || t.Recall == nil || len(t.Train) == 0 {
		return err
	}
	t.Progress = nil
	c := newCompilation(ctx, t, s)
	defer c.schedule.Close()
	c.asking = false
	if _, err := optimisers[c.settings.Name].run(c); !errors.Is(err, errUnknown) {
		return err
	}
	return nil
}

// shared warns of examples that are learned from and measured with.
func shared(t Task) []string {
	if len(t.Dev) == 0 {
		return []string{"there are no dev examples: candidates are scored on the training examples, which stand in their prompts; their scores are too good"}
	}
	have := map[int]bool{}
	for _, ex := range t.Train {
		have[ex.Index] = true
	}
	n := 0
	for _, ex := range t.Dev {
		if have[ex.Index] {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d dev examples are training examples too: candidates that show them score too well", n, len(t.Dev))}
}

// optimisers are what Settings.Name may say: how each runs, and how much that asks.
var optimisers = map[string]struct {
	run  func(*compilation) (Result, error)
	plan func(planning) Estimate
}{
	labeledFewShot:   {runSearch, planSearch},
	bootstrapFewShot: {runSearch, planSearch},
	randomSearch:     {runSearch, planSearch},
	reflective:       {runReflection, planReflection},
	reflectiveDemos:  {runReflectionThenSearch, planReflectionThenSearch},
}
