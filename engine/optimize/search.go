package optimize

import (
	"fmt"

	"qgen-sidecar/engine/program"
)

// search is DSPy's three optimisers: candidates with demonstrations, all in work at
// once, of which the best wins. What is asked first is searchnext.go's, what is known
// from before searchrecall.go's.
type search struct {
	*compilation
	drafts   []*draft
	trials   []*trial // of the drafts
	failures []int    // candidates that failed, by dev example
	started  int      // runs begun
}

// runSearch is one of DSPy's optimisers by itself.
func runSearch(c *compilation) (Result, error) {
	c.warnings = append(c.warnings, unshown(c)...)
	return newSearch(c).run()
}

func newSearch(c *compilation) *search {
	q := &search{compilation: c, failures: make([]int, len(c.task.Dev))}
	for _, n := range c.settings.numbers() {
		d := newDraft(c.schedule.Need(), n, c.task, c.settings)
		q.drafts, q.trials = append(q.drafts, d), append(q.trials, d.trial)
	}
	return q
}

// after makes q go on from another optimiser's candidate, its student, of which some
// scores are known. All but that are numbered from next on.
func (q *search) after(candidate int, scores map[int]Score, next int) *search {
	q.remember(q.drafts[0], scores)
	for i, c := range q.trials {
		if c.shown = candidate; i > 0 {
			c.shown = next + i - 1
		}
	}
	if q.prunes() {
		prune(q.trials)
	}
	return q
}

func (q *search) run() (Result, error) {
	q.show(Progress{Stage: "bootstrap", Candidate: zeroShot})
	err := q.schedule.Run(q)
	if err == nil && !q.asking && !q.Complete() {
		err = errUnknown
	}
	return q.result(err)
}

// Complete: every candidate is scored or pruned.
func (q *search) Complete() bool {
	for _, c := range q.trials {
		if !c.pruned && !c.finished() {
			return false
		}
	}
	return true
}

// prunes: candidates that cannot win need not be asked.
func (q *search) prunes() bool { return q.settings.Prune && q.settings.searches() }

// settled goes on from the outcome of a draft's job.
func (q *search) settled(d *draft, stage string) {
	if q.prunes() {
		prune(q.trials)
	}
	q.show(d.progress(stage))
}

func (q *search) show(p Progress) { q.report(p, q.foreseen(), best(q.trials)) }

// mark enters the score of a dev example in work; nil is a missing answer.
func (q *search) mark(d *draft, dev int, s *Score) {
	d.score(dev, s)
	if s != nil && !s.Success {
		q.failures[dev]++
	}
}

// foreseen are the runs still to come, as far as can be told.
func (q *search) foreseen() int {
	n := 0
	for _, d := range q.drafts {
		if d.pruned {
			continue
		}
		n += d.unknown()
		if d.boot != nil {
			n += d.boot.missing()
		}
	}
	return n
}

// result sums up, whether the search came to its end or was stopped.
func (q *search) result(err error) (Result, error) {
	out := Result{Warnings: append(q.warnings, q.remarks()...), Partial: err != nil}
	for _, c := range q.trials {
		out.Candidates = append(out.Candidates, c.candidate())
	}
	out.Baseline = out.Candidates[0]
	if chosen := q.choose(); chosen != nil {
		out.Best = chosen.candidate()
	} else if err == nil {
		err = q.schedule.Unanswered()
		out.Partial = true
	}
	return out, err
}

// choose is the winner: of a search the best, else the program that the optimiser
// is named after; when that was not reached, what there is.
func (q *search) choose() *trial {
	if last := q.trials[len(q.trials)-1]; !q.settings.searches() && last.finished() && last.answered > 0 {
		return last
	}
	return best(q.trials)
}

// remarks says what went otherwise than asked for.
func (q *search) remarks() []string {
	var out []string
	for _, d := range q.drafts {
		if d.boot == nil && d.found < d.wanted {
			out = append(out, fmt.Sprintf("candidate %d: only %d of %d demonstrations could be bootstrapped from %d training examples: the metric accepted no more; %d runs of the teacher had no answer", d.shown, d.found, d.wanted, len(q.task.Train), d.unheard))
		}
		if said := d.unanswered(q.schedule.LastErr()); said != "" {
			out = append(out, said)
		}
	}
	if chosen := q.choose(); chosen != nil && !q.settings.searches() {
		base, okBase := q.trials[0].final()
		if score, ok := chosen.final(); ok && okBase && score < base {
			out = append(out, fmt.Sprintf("the compiled program scored %.2f, less than the baseline's %.2f", score, base))
		}
	}
	return out
}

// unshown warns of demonstrations that no candidate will show.
func unshown(c *compilation) []string {
	var out []string
	if c.settings.MaxLabeledDemos > 0 {
		out = append(out, invisible(c.task)...)
	}
	for _, pr := range c.task.Student.Predictors {
		if len(pr.Demos) > 0 {
			out = append(out, fmt.Sprintf("the start's %d demonstrations of %s are left out: every candidate begins without, as in DSPy", len(pr.Demos), pr.Name))
		}
	}
	return out
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
