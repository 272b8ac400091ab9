package optimize

import (
	"context"

	"qgen-sidecar/engine/optimize/schedule"
)

// What a search knows from an earlier compile: it is taken in before anything is
// asked, for each draft's bootstrapping and again for its evaluation.

// nextRecall is the next draft to recall, or tells to wait for one: nothing is
// asked before everything known is.
func (q *search) nextRecall() (d *draft, wait bool) {
	for _, d := range q.drafts {
		if d.boot != nil && d.recall == recallDone && !d.pruned {
			d.boot.replay()
			d.build(q.settings)
		}
		switch {
		case !q.lookup || d.pruned || d.recall == recallDone:
		case d.recall == recallDuring:
			wait = true
		default:
			return d, true
		}
		if wait && d.number == zeroShot {
			break // whether there is anything to recall
		}
	}
	return nil, wait
}

// recalling finds what is known of a draft's bootstrapping, or of its evaluation. The
// search leaves the draft alone meanwhile.
func (q *search) recalling(d *draft) schedule.Job {
	d.recall = recallDuring
	job := schedule.Job{Kind: schedule.Lookup, Need: d.need}
	if boot := d.boot; boot != nil {
		var known map[teaching]answer
		var begun map[int]bool
		job.Ask = func(ctx context.Context) schedule.Reply {
			known, begun = boot.recall(q.task.Recall(ctx), q.task)
			return schedule.Reply{}
		}
		job.Take = func() {
			d.recall = recallDone
			boot.remember(known, begun)
			q.settled(d, "bootstrap")
		}
		return job
	}
	scores := map[int]Score{}
	job.Ask = func(ctx context.Context) schedule.Reply {
		ctx = q.task.Recall(ctx)
		for _, dev := range d.todo {
			if got := q.task.run(ctx, d.program, q.task.Dev[dev]); got.err == nil {
				scores[dev] = got.score
			}
		}
		return schedule.Reply{Known: len(scores)}
	}
	job.Take = func() {
		q.remember(d, scores)
		q.settled(d, "evaluate")
	}
	return job
}

// remember takes known scores of a draft.
func (q *search) remember(d *draft, scores map[int]Score) {
	d.recall = recallDone
	q.lookup = q.lookup && (d.number != zeroShot || len(scores) > 0)
	for dev, s := range scores {
		d.begin(dev)
		q.mark(d, dev, &s)
	}
}
