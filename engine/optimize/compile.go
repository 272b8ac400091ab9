package optimize

import (
	"context"
	"errors"
	"fmt"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/program"
)

// Compile runs the optimiser that s names. On an error after some candidate
// was fully scored (budget, cancel), Result holds the best so far, Partial.
// Errors: *SettingError; the context's; *dispatcher.BudgetError as the task gave
// it; or the task's last error, when too many runs failed in a row or none was
// answered.
func Compile(ctx context.Context, t Task, s Settings) (Result, error) {
	if err := s.Validate(); err != nil {
		return Result{}, err
	}
	s = s.withDefaults()
	if len(t.Train) == 0 {
		return Result{}, errors.New("optimize: expected at least one training example, found none; make the train part of the split larger or add gold entries")
	}
	warnings := warn(t, s)
	if len(t.Dev) == 0 {
		t.Dev = t.Train
	}
	if s.reflects() {
		return reflectively(ctx, t, s, warnings)
	}
	q := newQueue(ctx, t, s)
	err := q.run()
	return q.result(warnings, err)
}

// Recall goes through what Compile would ask and what is known already (see
// Task.Recall), and asks nothing: so that the caller can count what there is.
func Recall(ctx context.Context, t Task, s Settings) error {
	if err := s.Validate(); err != nil || t.Recall == nil || len(t.Train) == 0 {
		return err
	}
	if len(t.Dev) == 0 {
		t.Dev = t.Train
	}
	t.Progress = nil
	if s.reflects() {
		return recallReflection(ctx, t, s.withDefaults())
	}
	q := newQueue(ctx, t, s.withDefaults())
	q.recallOnly = true
	return q.run()
}

// result sums up, whether the queue was emptied or stopped.
func (q *queue) result(warnings []string, err error) (Result, error) {
	out := Result{Warnings: append(warnings, q.remarks()...), Partial: err != nil}
	for _, c := range q.trials {
		out.Candidates = append(out.Candidates, c.candidate())
	}
	out.Baseline = out.Candidates[0]
	if chosen := q.choose(); chosen != nil {
		out.Best = chosen.candidate()
	} else if err == nil {
		err = q.patience.unheard(q.finishedRuns)
		out.Partial = true
	}
	return out, err
}

// choose is the winner: of a search the best, else the program that the optimiser
// is named after; when that was not reached, what there is.
func (q *queue) choose() *trial {
	if last := q.trials[len(q.trials)-1]; !q.s.searches() && last.finished() && last.answered > 0 {
		return last
	}
	return best(q.trials)
}

// isFatal: no further run could be answered.
func isFatal(err error) bool {
	var budget *dispatcher.BudgetError
	return errors.As(err, &budget)
}

// warn says what is amiss with the data before anything is asked.
func warn(t Task, s Settings) []string {
	var out []string
	if len(t.Dev) == 0 {
		out = append(out, "there are no dev examples: candidates are scored on the training examples, which stand in their prompts; their scores are too good")
	} else if n := overlap(t.Train, t.Dev); n > 0 {
		out = append(out, fmt.Sprintf("%d of %d dev examples are training examples too: candidates that show them score too well", n, len(t.Dev)))
	}
	if s.Name == reflective {
		return out // it gives no demonstrations, and keeps the start's
	}
	if s.MaxLabeledDemos > 0 {
		out = append(out, invisible(t)...)
	}
	for _, pr := range t.Student.Predictors {
		if len(pr.Demos) > 0 {
			out = append(out, fmt.Sprintf("the start's %d demonstrations of %s are left out: every candidate begins without, as in DSPy", len(pr.Demos), pr.Name))
		}
	}
	return out
}

func overlap(train, dev []Example) int {
	have := map[int]bool{}
	for _, ex := range train {
		have[ex.Index] = true
	}
	n := 0
	for _, ex := range dev {
		if have[ex.Index] {
			n++
		}
	}
	return n
}

// invisible names the predictors that labelled examples cannot be shown to.
func invisible(t Task) []string {
	var out []string
	for _, pr := range t.Student.Predictors {
		n := 0
		for _, ex := range t.Train {
			if !ex.Demo.Usable(pr.Signature) {
				n++
			}
		}
		if n > 0 {
			out = append(out, fmt.Sprintf("%d of %d training examples cannot be shown to %s as labelled demonstrations: they hold none of its outputs (%s)", n, len(t.Train), pr.Name, program.Names(pr.Signature.Outputs)))
		}
	}
	return out
}

// remarks says what went otherwise than asked for.
func (q *queue) remarks() []string {
	var out []string
	for _, c := range q.trials {
		if c.boot == nil && c.found < c.wanted {
			out = append(out, fmt.Sprintf("candidate %d: only %d of %d demonstrations could be bootstrapped from %d training examples: the metric accepted no more; %d runs of the teacher had no answer", c.shown, c.found, c.wanted, len(q.t.Train), c.unheard))
		}
		if said := c.unanswered(q.patience.lastErr); said != "" {
			out = append(out, said)
		}
	}
	if chosen := q.choose(); chosen != nil && !q.s.searches() {
		base, okBase := q.trials[0].final()
		if score, ok := chosen.final(); ok && okBase && score < base {
			out = append(out, fmt.Sprintf("the compiled program scored %.2f, less than the baseline's %.2f", score, base))
		}
	}
	return out
}
