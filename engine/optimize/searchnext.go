package optimize

import (
	"context"

	"qgen-sidecar/engine/optimize/schedule"
)

// What a search asks next, of all that could be:
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
// Calls go out in the same order (Task.Order): needed bootstrapping first, then
// runs as they were begun, so that one in work is finished before another begins.

// Next is the job that decides most; false when all there is is in work.
func (q *search) Next() (schedule.Job, bool) {
	if d, wait := q.nextRecall(); d != nil {
		return q.recalling(d), true
	} else if wait || !q.asking {
		return schedule.Job{}, false
	}
	if d, t, ok := q.nextTeaching(); ok {
		return q.teaching(d, t, bootOrder), true
	}
	if d := q.nextAhead(); d != nil {
		return q.teaching(d, d.boot.try(), q.begun()), true
	}
	if d := q.mostWanted(); d != nil {
		return q.evaluation(d, d.take(q.hardness())), true
	}
	return schedule.Job{}, false
}

// begun numbers runs as they are begun.
func (q *search) begun() int {
	q.started++
	return q.started
}

// teaching is one run of the teacher for a draft.
func (q *search) teaching(d *draft, t teaching, order int) schedule.Job {
	var got answer
	boot := d.boot
	return schedule.Job{
		Need: d.booting, Order: order,
		Ask: func(ctx context.Context) schedule.Reply {
			got = boot.ask(ctx, q.task, t)
			return schedule.Reply{Err: got.err}
		},
		Take: func() {
			boot.settle(t, got)
			d.build(q.settings)
			q.settled(d, "bootstrap")
		},
	}
}

// evaluation is a draft's program on a dev example.
func (q *search) evaluation(d *draft, dev int) schedule.Job {
	var got answer
	return schedule.Job{
		Need: d.need, Order: q.begun(),
		Ask: func(ctx context.Context) schedule.Reply {
			got = q.task.run(ctx, d.program, q.task.Dev[dev])
			return schedule.Reply{Err: got.err}
		},
		Take: func() {
			q.mark(d, dev, got.scored())
			q.settled(d, "evaluate")
		},
	}
}

// nextTeaching is a run of the teacher that the strict order needs.
func (q *search) nextTeaching() (*draft, teaching, bool) {
	for _, d := range q.drafts {
		if d.boot == nil || d.pruned {
			continue
		}
		if t, ok := d.boot.pop(); ok {
			return d, t, true
		}
	}
	return nil, teaching{}, false
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

// nextAhead is the draft with the fewest examples tried ahead, if one more is to be.
func (q *search) nextAhead() *draft {
	if q.settings.Thrifty || q.foreseen() >= aheadRounds*q.settings.Concurrency {
		return nil
	}
	var least *draft
	sum, fewest := 0, 0
	for _, d := range q.drafts {
		sum += d.surplus
		if d.boot == nil {
			continue
		}
		n := d.boot.beyond(d.boot.needed())
		sum += n
		if !d.pruned && len(d.boot.tried) < len(d.boot.order) && (least == nil || n < fewest) {
			least, fewest = d, n
		}
	}
	if least == nil || sum >= int(aheadShare*float64(len(q.trials)*len(q.task.Dev))) {
		return nil
	}
	return least
}

func (q *search) mostWanted() *draft {
	var out *draft
	for _, d := range q.drafts {
		if d.boot != nil || d.pruned || len(d.todo) == 0 {
			continue
		}
		if d.number == zeroShot {
			return d
		}
		if out == nil || d.most() > out.most() {
			out = d
		}
	}
	return out
}

// hardness is how many candidates failed each dev example so far: what others
// failed is likely to be failed again, and failures are what rules a candidate
// out. nil when nothing can be ruled out.
func (q *search) hardness() []int {
	if !q.prunes() {
		return nil
	}
	return q.failures
}
