package optimize

import (
	"context"

	"qgen-sidecar/engine/program"
)

// What is asked next, of all that could be:
//
//  1. what is known already, which costs nothing: so that a compile that was
//     interrupted goes on with all it knew, and what it knew decides what is
//     worth asking. Where nothing of the baseline is known, nothing is;
//  2. bootstrapping, because evaluation waits for it;
//  3. the baseline's evaluation, which everything is compared with;
//  4. the candidate that can still get the highest score, the lower number
//     first, on the example that most candidates failed: so that a sure winner
//     stands early, and those that cannot win fail early.
//
// Calls go out in the same order (dispatcher.WithOrder): needed bootstrapping
// first, then runs as they were begun, so that one in work is finished before
// another begins.

// job is what one goroutine does: a teaching, a dev example, or recalling.
type job struct {
	c        *trial
	recall   bool
	teaching *teaching
	example  Example
	dev      int
	program  *program.Program
	order    int
}

// bootOrder is before every evaluation's.
const bootOrder = -1

// next is the job that decides most; false when all there is is in work.
func (q *queue) next() (job, bool) {
	if j, wait := q.nextRecall(); wait {
		return j, j.recall
	}
	if q.recallOnly {
		return job{}, false
	}
	if j, ok := q.nextTeaching(); ok {
		return j, true
	}
	if j, ok := q.nextAhead(); ok {
		return j, true
	}
	c := q.mostWanted()
	if c == nil {
		return job{}, false
	}
	dev := c.take(q.hardness())
	return job{c: c, dev: dev, example: q.t.Dev[dev], program: c.program, order: q.begun()}, true
}

// begun numbers runs as they are begun.
func (q *queue) begun() int {
	q.started++
	return q.started
}

func (q *queue) nextTeaching() (job, bool) {
	for _, c := range q.trials {
		if c.boot == nil || c.pruned {
			continue
		}
		if t, ok := c.boot.pop(); ok {
			return c.teach(t, bootOrder), true
		}
	}
	return job{}, false
}

func (c *trial) teach(t teaching, order int) job {
	ex := c.boot.order[t.example]
	return job{c: c, teaching: &t, example: ex, program: without(c.boot.teacher, ex), order: order}
}

// Bootstrapping may take many runs one after the other, and nothing of its
// candidate can be evaluated before. While there is enough else to ask that does
// no harm. When all the rest takes only a few rounds, each as long as one run,
// the end waits for it: then examples are tried ahead of their need. That is
// paid for in vain where an earlier one succeeds, and so is bounded by a share
// of what the whole compile asks.
const (
	aheadRounds = 4
	aheadShare  = 0.04
)

// nextAhead tries an example ahead for the candidate with the fewest of these.
func (q *queue) nextAhead() (job, bool) {
	if q.s.Thrifty || q.foreseen() >= aheadRounds*q.s.Concurrency {
		return job{}, false
	}
	var least *trial
	sum, fewest := 0, 0
	for _, c := range q.trials {
		sum += c.surplus
		if c.boot == nil {
			continue
		}
		n := c.boot.beyond(c.boot.needed())
		sum += n
		if !c.pruned && len(c.boot.tried) < len(c.boot.order) && (least == nil || n < fewest) {
			least, fewest = c, n
		}
	}
	if least == nil || sum >= int(aheadShare*float64(len(q.trials)*len(q.t.Dev))) {
		return job{}, false
	}
	return least.teach(least.boot.try(), q.begun()), true
}

func (q *queue) mostWanted() *trial {
	var out *trial
	for _, c := range q.trials {
		if c.boot != nil || c.pruned || len(c.todo) == 0 {
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

// hardness is how many candidates failed each dev example so far: what others
// failed is likely to be failed again, and failures are what rules a candidate
// out. nil when nothing can be ruled out.
func (q *queue) hardness() []int {
	if !q.prunes() {
		return nil
	}
	return q.failures
}

// recall is how far a trial has come with what is known already.
type recall int

const (
	recallDue recall = iota
	recalling
	recalled
)

// known is what recalling found.
type known struct {
	teachings map[teaching]answer
	begun     map[int]bool  // by training example, in the trial's order
	scores    map[int]Score // by dev example
}

// nextRecall is the next job of recalling, or tells to wait for one: nothing is
// asked before everything known is.
func (q *queue) nextRecall() (j job, wait bool) {
	for _, c := range q.trials {
		if c.boot != nil && c.recall == recalled && !c.pruned {
			c.boot.replay()
			c.build(q.s)
		}
		switch {
		case q.unknown || q.t.Recall == nil || c.pruned || c.recall == recalled:
		case c.recall == recalling:
			wait = true
		default:
			c.recall = recalling
			return job{c: c, recall: true}, true
		}
		if wait && c.number == zeroShot {
			break // whether there is anything to recall
		}
	}
	return job{}, wait
}

// recallAll answers what is known of a trial: of its bootstrapping, or of its
// evaluation. It runs beside the queue, which leaves the trial alone meanwhile.
func (q *queue) recallAll(c *trial) known {
	ctx := q.t.Recall(c.ctx)
	if c.boot != nil {
		return q.recallTeachings(ctx, c)
	}
	k := known{scores: map[int]Score{}}
	for _, dev := range c.todo {
		if got := q.ask(ctx, job{c: c, example: q.t.Dev[dev], program: c.program}); got.err == nil {
			k.scores[dev] = got.score
		}
	}
	return k
}

// recallTeachings goes through the examples in order, for as long as the strict
// order might, and over those that were tried ahead.
func (q *queue) recallTeachings(ctx context.Context, c *trial) known {
	k := known{teachings: map[teaching]answer{}, begun: map[int]bool{}}
	hopeful := 0 // known to succeed, or not known to fail
	for i := range c.boot.order {
		enough, failed := hopeful >= c.boot.size, false
		for round := range c.boot.rounds {
			t := teaching{i, round}
			got := q.ask(ctx, c.teach(t, 0))
			k.begun[i] = k.begun[i] || len(got.prediction.Trace) > 0
			if got.err != nil {
				break
			}
			k.teachings[t] = got
			failed = !got.score.Success && round+1 == c.boot.rounds
			if got.score.Success {
				break
			}
		}
		if !failed {
			hopeful++
		}
		if enough && !k.begun[i] {
			break
		}
	}
	return k
}

// remember takes what recalling found into the state.
func (q *queue) remember(c *trial, k known) {
	c.recall = recalled
	if c.boot != nil {
		c.boot.known, c.boot.begun = k.teachings, k.begun
		return
	}
	q.unknown = q.unknown || c.number == zeroShot && len(k.scores) == 0
	for dev, s := range k.scores {
		c.begin(dev)
		q.finishedRuns++
		q.recalledRuns++
		q.score(c, dev, &s)
	}
}
