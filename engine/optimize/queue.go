package optimize

import (
	"context"
	"fmt"

	"qgen-sidecar/engine/program"
)

// queue is the whole compile's work in one place. One goroutine (run) owns all of
// it; jobs run in goroutines of their own, at most Concurrency at once, and come
// back over a channel. What is asked first:
//
//  1. bootstrapping, because evaluation waits for it;
//  2. the baseline's evaluation, which everything is compared with;
//  3. the candidate that can still get the highest score, the lower number first:
//     so that a sure winner stands early and the others need not be asked.
type queue struct {
	t       Task
	s       Settings
	ctx     context.Context
	cancel  context.CancelFunc
	trials  []*trial
	results chan outcome
	open    int // jobs in work

	finishedRuns int
	streak       int   // failures since the last answer
	lastErr      error // of a failed run
	stopped      error // why no more is asked
	panicked     any
}

// job is one example in work: a teaching, or a dev example.
type job struct {
	c        *trial
	teaching *teaching
	example  Example
	dev      int
	program  *program.Program
}

// outcome is a job that has come back.
type outcome struct {
	job
	prediction program.Prediction
	score      Score
	err        error
	panicked   any
}

func newQueue(ctx context.Context, t Task, s Settings) *queue {
	q := &queue{t: t, s: s, results: make(chan outcome)}
	q.ctx, q.cancel = context.WithCancel(ctx)
	for _, n := range s.numbers() {
		q.trials = append(q.trials, newTrial(q.ctx, n, t, s))
	}
	return q
}

// run asks until nothing is left that could change the result, or it must stop.
func (q *queue) run() error {
	defer q.cancel()
	for {
		for q.open < q.s.Concurrency && q.stopped == nil && q.ctx.Err() == nil {
			j, ok := q.next()
			if !ok {
				break
			}
			q.open++
			go func() { q.results <- q.do(j) }()
		}
		if q.open == 0 {
			break
		}
		q.settle(<-q.results)
	}
	if q.panicked != nil {
		panic(q.panicked) // in the caller's goroutine, where it can be caught
	}
	if q.stopped != nil {
		return q.stopped
	}
	if q.complete() {
		return nil
	}
	return q.ctx.Err() // the caller's: q.cancel comes after
}

// complete: every candidate is scored or pruned.
func (q *queue) complete() bool {
	for _, c := range q.trials {
		if !c.pruned && !c.finished() {
			return false
		}
	}
	return true
}

// next is the job that decides most; false when all there is is in work.
func (q *queue) next() (job, bool) {
	for _, c := range q.trials {
		if c.boot == nil || c.pruned {
			continue
		}
		if t, ok := c.boot.pop(); ok {
			ex := c.boot.order[t.example]
			return job{c: c, teaching: &t, example: ex, program: without(c.boot.teacher, ex)}, true
		}
	}
	c := q.mostWanted()
	if c == nil {
		return job{}, false
	}
	j := job{c: c, dev: c.asked, example: q.t.Dev[c.asked], program: c.program}
	c.asked++
	c.open++
	return j, true
}

func (q *queue) mostWanted() *trial {
	var out *trial
	for _, c := range q.trials {
		if c.boot != nil || c.pruned || c.asked == c.n {
			continue
		}
		if c.number == zeroShot {
			return c
		}
		if out == nil || c.most() > out.most() {
			out = c
		}
	}
	return out
}

// do is the only code that runs beside the queue's goroutine; it touches nothing
// of the queue's state.
func (q *queue) do(j job) (out outcome) {
	out.job = j
	defer func() { out.panicked = recover() }()
	if j.teaching != nil {
		out.prediction, out.err = q.t.Teach(j.c.ctx, j.program, j.example, j.teaching.round)
	} else {
		out.prediction, out.err = q.t.Predict(j.c.ctx, j.program, j.example)
	}
	if out.err == nil {
		out.score, out.err = q.t.Judge(j.c.ctx, j.example, out.prediction)
	}
	return out
}

// settle takes one outcome into the state.
func (q *queue) settle(o outcome) {
	q.open--
	if o.panicked != nil {
		q.panicked = o.panicked
		q.cancel()
		q.stop(fmt.Errorf("optimize: panic: %v", o.panicked))
		return
	}
	if o.c.pruned || q.stopped != nil && o.err != nil || q.ctx.Err() != nil && o.err != nil {
		return // nobody waits for it: it was cancelled, or does not count any more
	}
	q.judge(o.err)
	if q.stopped != nil && o.err != nil {
		return // the budget's refusal is not the example's failure
	}
	finished := q.record(o)
	if q.s.Prune && q.s.searches() {
		prune(q.trials)
	}
	q.report(o, finished)
}

// judge counts failures and decides whether going on makes sense.
func (q *queue) judge(err error) {
	q.finishedRuns++
	if err == nil {
		q.streak = 0
		return
	}
	q.lastErr = err
	q.streak++
	switch {
	case isFatal(err):
		q.stop(err) // what is in work goes on: it may be paid for already
	case q.streak >= q.s.MaxErrors:
		q.cancel()
		q.stop(fmt.Errorf("optimize: %d runs in a row failed, so the compile was stopped (what was answered stays cached): %w", q.streak, err))
	}
}

func (q *queue) stop(err error) {
	if q.stopped == nil {
		q.stopped = err
	}
}

// record enters the outcome with its candidate; true when that one is scored now.
func (q *queue) record(o outcome) bool {
	if o.teaching != nil {
		o.c.boot.settle(*o.teaching, o.prediction, o.score, o.err)
		o.c.build(q.s)
		return false
	}
	var s *Score
	if o.err == nil {
		s = &o.score
	}
	o.c.score(o.dev, s)
	return o.c.finished()
}

func (q *queue) report(o outcome, finished bool) {
	if q.t.Progress == nil {
		return
	}
	p := Progress{Stage: "evaluate", Candidate: o.c.number, Done: q.finishedRuns, Total: q.finishedRuns + q.foreseen()}
	if o.teaching != nil {
		p.Stage = "bootstrap"
	}
	if score, ok := o.c.final(); ok && finished {
		p.Score = &score
	}
	q.t.Progress(p)
}

// foreseen are the runs still to come, as far as can be told.
func (q *queue) foreseen() int {
	n := 0
	for _, c := range q.trials {
		if c.pruned {
			continue
		}
		n += c.unknown()
		if c.boot != nil {
			n += c.boot.missing()
		}
	}
	return n
}
