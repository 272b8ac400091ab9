package optimize

import (
	"fmt"
	"slices"

	"qgen-sidecar/engine/optimize/schedule"
	"qgen-sidecar/engine/program"
)

// One proposal of a reflection, from the parent's faults to the verdict.

// proposing is one proposal in work.
type proposing struct {
	c         *variant // the candidate; its program is the parent's until there is an instruction
	parent    *variant
	predictor string
	order     []Example // training examples as they are drawn
	records   []Record  // the parent on the last minibatch of these
	earlier   []Record
	tried     []string
	merged    bool // of two programs that were accepted: only dev is open
}

// propose takes one proposal as far as it gets.
func (r *reflection) propose(sc *schedule.Script, p *proposing) {
	if p.merged {
		r.onDev(sc, p)
		return
	}
	done := &p.c.proposal.Outcome
	before, ok := r.faults(sc, p)
	p.c.proposal.Before = before.batch()
	for _, rec := range p.records {
		p.c.proposal.Entries = append(p.c.proposal.Entries, rec.Example.Index)
	}
	switch {
	case !ok:
		return
	case before.answered == 0:
		*done = "its parent's runs on training examples had no answer"
		return
	case before.successes == len(p.records):
		*done = fmt.Sprintf("nothing to learn: its parent succeeded on all %d training examples that it was tried on", before.answered)
		return
	}
	if *done = r.instruct(sc, p); *done != "" {
		return
	}
	after, before, ok := r.onBatch(sc, p)
	if !ok {
		return
	}
	if !after.better(before) {
		*done = fmt.Sprintf("no better than its parent on the %d training examples: %s, was %s", len(p.records), after, before)
		return
	}
	r.onDev(sc, p)
}

// onDev decides.
func (r *reflection) onDev(sc *schedule.Script, p *proposing) {
	if !r.evaluate(sc, p.c, p.parent) {
		return
	}
	done := &p.c.proposal.Outcome
	switch {
	case !p.c.finished():
		*done = "given up on dev, where it could not be better than its parent any more"
	case !p.c.beats(p.parent.trial):
		*done = "no better than its parent on dev"
	default:
		*done, p.c.proposal.Accepted = "accepted: better than its parent on dev", true
	}
}

// faults runs the parent on minibatches until one of them holds a fault.
func (r *reflection) faults(sc *schedule.Script, p *proposing) (m merit, ok bool) {
	tried := 0
	for batch := range slices.Chunk(p.order, r.settings.MinibatchSize) {
		if tried++; tried > batches {
			break
		}
		p.records, m = nil, merit{}
		var answers []answer
		answers, ok = r.onTrain(sc, p.c, p.parent.program, batch)
		for i, got := range answers {
			p.records = append(p.records, Record{Example: batch[i], Prediction: got.prediction, Score: got.score, Err: got.err})
			if got.err == nil {
				m.add(got.score)
			}
		}
		if m.successes < len(batch) || !ok {
			break
		}
	}
	return m, ok
}

// onTrain runs a program on training examples, for a candidate.
func (r *reflection) onTrain(sc *schedule.Script, c *variant, p *program.Program, examples []Example) ([]answer, bool) {
	return r.answers(sc, c.order(), p, examples, func(int, answer) { r.show(c.progress("reflect")) })
}

// order of a variant's calls: an older one is finished before a newer one.
func (c *variant) order() int { return max(0, c.number+1) }

// instruct has the teacher write, and gives the candidate its program. It says why
// not, "" when it did, or when the compile ended before that: what is asked next
// shows it.
func (r *reflection) instruct(sc *schedule.Script, p *proposing) string {
	text, ok, err := r.written(sc, Reflection{Program: p.parent.program, Predictor: p.predictor, Records: p.records, Earlier: p.others(), Tried: p.tried, Draw: p.c.number})
	switch {
	case !ok:
		return ""
	case err != nil:
		r.silent = append(r.silent, err)
		return "the teacher proposed nothing: " + err.Error()
	case text == "":
		return "the teacher proposed nothing"
	}
	p.c.proposal.Instruction = text
	p.c.program, p.c.unbuilt = p.parent.program.Clone(), false
	p.c.program.Predictor(p.predictor).Signature.Instructions = text
	hash := p.c.program.Hash()
	for _, other := range r.all {
		if other.program.Hash() == hash {
			return fmt.Sprintf("the same program as candidate %d", other.number)
		}
	}
	return ""
}

// others are the earlier runs on examples that the minibatch does not have.
func (p *proposing) others() []Record {
	return slices.DeleteFunc(slices.Clone(p.earlier), func(e Record) bool {
		return slices.ContainsFunc(p.records, func(rec Record) bool { return rec.Example.Index == e.Example.Index })
	})
}

// onBatch runs the candidate on the examples that its parent was run on. Both merits
// are over those that both answered.
func (r *reflection) onBatch(sc *schedule.Script, p *proposing) (after, before merit, ok bool) {
	var batch []Example
	for _, rec := range p.records {
		batch = append(batch, rec.Example)
	}
	answers, ok := r.onTrain(sc, p.c, p.c.program, batch)
	for i, got := range answers {
		if got.err == nil && p.records[i].Err == nil {
			after.add(got.score)
			before.add(p.records[i].Score)
		}
	}
	p.c.proposal.After = after.batch()
	return after, before, ok
}

// evaluate scores a variant on dev: the student whole, a proposal in waves, and only
// for as long as it can be better than its parent. It reports false when the compile
// ended before that.
func (r *reflection) evaluate(sc *schedule.Script, c, parent *variant) bool {
	order, size := r.hardestFirst(), len(r.task.Dev)
	inWaves := parent != nil && r.settings.Prune
	if inWaves {
		size = (size + waves - 1) / waves
	}
	for wave := range slices.Chunk(order, max(1, size)) {
		if inWaves && !c.canBeat(parent.trial, r.task.Top) {
			return true
		}
		examples := make([]Example, len(wave))
		for i, dev := range wave {
			examples[i] = r.task.Dev[dev]
			c.begin(dev)
		}
		if _, ok := r.answers(sc, c.order(), c.program, examples, func(i int, got answer) {
			c.score(wave[i], got.scored())
			r.show(c.progress("evaluate"))
		}); !ok {
			return false
		}
	}
	return true
}

// hardestFirst are the dev examples, those first that most of the pool failed: a
// proposal that is better must win some of them.
func (r *reflection) hardestFirst() []int {
	failures := make([]int, len(r.task.Dev))
	order := make([]int, len(r.task.Dev))
	for i := range order {
		order[i] = i
		for _, c := range r.pool {
			if c.scores[i] != nil && !c.scores[i].Success {
				failures[i]++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return failures[b] - failures[a] })
	return order
}
