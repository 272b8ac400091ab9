package optimize

import (
	"context"
	"fmt"

	"qgen-sidecar/dispatcher"
)

// queue is the whole compile's work in one place. One goroutine (run) owns all of
// it; jobs run in goroutines of their own, at most Concurrency at once, and come
// back over a channel. What is asked first is next.go's.
type queue struct {
	t       Task
	s       Settings
	ctx     context.Context
	cancel  context.CancelFunc
	trials  []*trial
	results chan outcome
	open    int // jobs in work
	started int // runs begun

	recallOnly   bool  // nothing is asked
	unknown      bool  // there is nothing to recall
	failures     []int // candidates that failed, by dev example
	finishedRuns int
	recalledRuns int
	patience     patience
	panicked     any
}

// outcome is a job that has come back.
type outcome struct {
	job
	answer
	known    known
	panicked any
}

func newQueue(ctx context.Context, t Task, s Settings) *queue {
	q := &queue{t: t, s: s, results: make(chan outcome), failures: make([]int, len(t.Dev)), patience: patience{maxErrors: s.MaxErrors}}
	q.ctx, q.cancel = context.WithCancel(ctx)
	for _, n := range s.numbers() {
		q.trials = append(q.trials, newTrial(q.ctx, n, t, s))
	}
	return q
}

// run asks until nothing is left that could change the result, or it must stop.
func (q *queue) run() error {
	defer q.cancel()
	q.report(Progress{Stage: "bootstrap", Candidate: zeroShot})
	for {
		for q.open < q.s.Concurrency && q.patience.stopped == nil && q.ctx.Err() == nil {
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
	if q.patience.stopped != nil {
		return q.patience.stopped
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

// do is the only code that runs beside the queue's goroutine; it changes nothing
// of the queue's state.
func (q *queue) do(j job) (out outcome) {
	out.job = j
	defer func() { out.panicked = recover() }()
	if j.recall {
		out.known = q.recallAll(j.c)
	} else {
		out.answer = q.ask(dispatcher.WithOrder(j.c.context(j), j.order), j)
	}
	return out
}

// context ends when the job's outcome is no longer needed.
func (c *trial) context(j job) context.Context {
	if j.teaching != nil {
		return c.booting
	}
	return c.ctx
}

// ask runs the program on the example and has the outcome judged.
func (q *queue) ask(ctx context.Context, j job) answer {
	if j.teaching != nil {
		return q.t.judged(ctx, j.example)(q.t.Teach(ctx, j.program, j.example, j.teaching.round))
	}
	return q.t.run(ctx, j.program, j.example)
}

// settle takes one outcome into the state.
func (q *queue) settle(o outcome) {
	q.open--
	if o.panicked != nil {
		q.panicked = o.panicked
		q.cancel()
		q.patience.stop(fmt.Errorf("optimize: panic: %v", o.panicked))
		return
	}
	if o.c.pruned || o.teaching != nil && o.c.boot == nil || q.patience.stopped != nil && o.err != nil || q.ctx.Err() != nil && o.err != nil {
		return // nobody waits for it: it was cancelled, tried in vain, or does not count any more
	}
	if o.recall {
		q.remember(o.c, o.known)
	} else {
		q.judge(o.err)
		if q.patience.stopped != nil && o.err != nil {
			return // the budget's refusal is not the example's failure
		}
		q.record(o)
	}
	if q.prunes() {
		prune(q.trials)
	}
	q.report(o.progress())
}

// prunes: candidates that cannot win need not be asked.
func (q *queue) prunes() bool { return q.s.Prune && q.s.searches() }

// judge counts failures and decides whether going on makes sense.
func (q *queue) judge(err error) {
	q.finishedRuns++
	if q.patience.heard(err) {
		q.cancel()
	}
}

// record enters the outcome with its candidate.
func (q *queue) record(o outcome) {
	if o.teaching != nil {
		o.c.boot.settle(*o.teaching, o.answer)
		o.c.build(q.s)
		return
	}
	var s *Score
	if o.err == nil {
		s = &o.score
	}
	q.score(o.c, o.dev, s)
}

func (q *queue) score(c *trial, dev int, s *Score) {
	c.score(dev, s)
	if s != nil && !s.Success {
		q.failures[dev]++
	}
}

// progress is what the outcome says of its candidate.
func (o outcome) progress() Progress {
	if o.teaching != nil || o.c.boot != nil {
		return o.c.progress("bootstrap")
	}
	return o.c.progress("evaluate")
}

// report adds where the whole compile stands.
func (q *queue) report(p Progress) {
	if q.t.Progress == nil {
		return
	}
	p.Done, p.Known, p.Total = q.finishedRuns, q.recalledRuns, q.finishedRuns+q.foreseen()
	if b := best(q.trials); b != nil {
		score, _ := b.final()
		p.Best = &Leader{b.shown, score}
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
