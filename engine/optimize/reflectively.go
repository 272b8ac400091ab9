package optimize

import (
	"context"
	"errors"
	"fmt"
)

// errUnknown ends a search that may not ask.
var errUnknown = errors.New("optimize: the answer is not known yet")

// reflectively runs a reflective optimiser: instructions first, then, if it is
// wanted, demonstrations for the best of them.
func reflectively(ctx context.Context, t Task, s Settings, warnings []string) (Result, error) {
	r := newReflection(ctx, t, s)
	out, err := r.result(warnings, r.run())
	if err != nil || s.Name == reflective {
		return out, err
	}
	q := r.withDemos(ctx)
	more, err := q.result(nil, q.run())
	out.Candidates = append(out.Candidates, more.Candidates[1:]...) // the first is out.Best
	out.Warnings = append(out.Warnings, more.Warnings...)
	out.Partial = more.Partial
	if more.Best.Program != nil && more.Best.Candidate != out.Best.Candidate {
		out.Best = more.Best
	}
	return out, err
}

// result sums up, whether the search came to its end or was stopped.
func (r *reflection) result(warnings []string, err error) (Result, error) {
	out := Result{Warnings: warnings, Partial: err != nil}
	for _, c := range r.all {
		out.Candidates = append(out.Candidates, c.candidate())
		if said := c.unanswered(r.patience.lastErr); said != "" {
			out.Warnings = append(out.Warnings, said)
		}
	}
	if n := len(r.silent); n > 0 {
		out.Warnings = append(out.Warnings, fmt.Sprintf("%d of %d proposals did not come about, as the teacher gave no instruction to use (last: %v)", n, len(r.all)-1, r.silent[n-1]))
	}
	out.Baseline = out.Candidates[0]
	best := r.best()
	if _, ok := best.final(); ok {
		out.Best = best.candidate()
	} else if err == nil {
		err = r.patience.unheard(r.finished)
		out.Partial = true
	}
	return out, err
}

// withDemos is the random search for the best program's demonstrations. What that
// program scored on dev is known. Candidates are numbered after the proposals.
func (r *reflection) withDemos(ctx context.Context) *queue {
	t, s, best := r.t, r.s, r.best()
	s.Name = randomSearch
	t.Student = best.program
	if report := t.Progress; report != nil {
		t.Progress = func(p Progress) {
			p.Done, p.Total, p.Known = p.Done+r.finished, p.Total+r.finished, p.Known+r.recalled
			report(p)
		}
	}
	q := newQueue(ctx, t, s)
	scored := known{scores: map[int]Score{}}
	for i, s := range best.scores {
		if s != nil {
			scored.scores[i] = *s
		}
	}
	q.remember(q.trials[0], scored)
	q.finishedRuns, q.recalledRuns, q.unknown = 0, 0, !r.lookup
	for i, c := range q.trials {
		if c.shown = best.number; i > 0 {
			c.shown = s.NumProposals + i - 1
		}
	}
	if q.prunes() {
		prune(q.trials)
	}
	return q
}

// recallReflection goes through what is known of a reflective compile.
func recallReflection(ctx context.Context, t Task, s Settings) error {
	r := newReflection(ctx, t, s)
	r.asking = false
	err := r.run()
	if errors.Is(err, errUnknown) {
		return nil
	}
	if err != nil || s.Name == reflective {
		return err
	}
	q := r.withDemos(ctx)
	q.recallOnly = true
	return q.run()
}
