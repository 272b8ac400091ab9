package optimize

import (
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/dispatcher"
)

// One proposal of a reflection, from the parent's faults to the verdict.

// proposing is one proposal in work.
type proposing struct {
	c         *trial // the candidate; its program is the parent's until there is an instruction
	parent    *trial
	predictor string
	order     []Example // training examples as they are drawn
	records   []Record  // the parent on the last minibatch of these
	earlier   []Record
	tried     []string
	merged    bool // of two programs that were accepted: only dev is open
}

// propose takes one proposal as far as it gets.
func (r *reflection) propose(p *proposing) {
	if p.merged {
		r.onDev(p)
		return
	}
	done := &p.c.proposal.Outcome
	before := r.faults(p)
	p.c.proposal.Before = before.batch()
	for _, rec := range p.records {
		p.c.proposal.Entries = append(p.c.proposal.Entries, rec.Example.Index)
	}
	switch {
	case !r.goesOn():
		return
	case before.answered == 0:
		*done = "its parent's runs on training examples had no answer"
		return
	case before.successes == len(p.records):
		*done = fmt.Sprintf("nothing to learn: its parent succeeded on all %d training examples that it was tried on", before.answered)
		return
	}
	if *done = r.instruct(p); *done != "" {
		return
	}
	after, before := r.onBatch(p)
	if !r.goesOn() {
		return
	}
	if !after.better(before) {
		*done = fmt.Sprintf("no better than its parent on the %d training examples: %s, was %s", len(p.records), after, before)
		return
	}
	r.onDev(p)
}

// onDev decides.
func (r *reflection) onDev(p *proposing) {
	if r.evaluate(p.c, p.parent); !r.goesOn() {
		return
	}
	done := &p.c.proposal.Outcome
	switch {
	case !p.c.finished():
		*done = "given up on dev, where it could not be better than its parent any more"
	case !p.c.beats(p.parent):
		*done = "no better than its parent on dev"
	default:
		*done, p.c.proposal.Accepted = "accepted: better than its parent on dev", true
	}
}

// String is "2 of 3 succeeded (mean 3.7)".
func (m merit) String() string {
	return fmt.Sprintf("%d of %d succeeded (mean %.1f)", m.successes, m.answered, m.mean())
}

// faults runs the parent on minibatches until one of them holds a fault.
func (r *reflection) faults(p *proposing) (m merit) {
	tried := 0
	for batch := range slices.Chunk(p.order, r.s.MinibatchSize) {
		if tried++; tried > batches {
			break
		}
		p.records, m = nil, merit{}
		for i, got := range r.answers("reflect", p.c, p.parent.program, batch, nil) {
			p.records = append(p.records, Record{Example: batch[i], Prediction: got.prediction, Score: got.score, Err: got.err})
			if got.err == nil {
				m.add(got.score)
			}
		}
		if m.successes < len(batch) || !r.goesOn() {
			break
		}
	}
	return m
}

// instruct has the teacher write, and gives the candidate its program. It says why
// not, "" when it did.
func (r *reflection) instruct(p *proposing) string {
	ctx := dispatcher.WithOrder(r.ctx, bootOrder) // everything else waits for it
	if !r.asking {
		ctx = r.t.Recall(ctx)
	}
	text, err := r.t.Reflect(ctx, Reflection{Program: p.parent.program, Predictor: p.predictor, Records: p.records, Earlier: p.others(), Tried: p.tried, Draw: p.c.number})
	text = strings.TrimSpace(text)
	switch {
	case r.failed(err):
		return ""
	case err != nil:
		r.mu.Lock()
		r.silent = append(r.silent, err)
		r.mu.Unlock()
		return "the teacher proposed nothing: " + err.Error()
	case text == "":
		return "the teacher proposed nothing"
	}
	p.c.proposal.Instruction = text
	p.c.program = p.parent.program.Clone()
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
func (r *reflection) onBatch(p *proposing) (after, before merit) {
	var batch []Example
	for _, rec := range p.records {
		batch = append(batch, rec.Example)
	}
	for i, got := range r.answers("reflect", p.c, p.c.program, batch, nil) {
		if got.err == nil && p.records[i].Err == nil {
			after.add(got.score)
			before.add(p.records[i].Score)
		}
	}
	p.c.proposal.After = after.batch()
	return after, before
}

// evaluate scores a trial on dev: the student whole, a proposal in waves, and only
// for as long as it can be better than its parent.
func (r *reflection) evaluate(c *trial, parent *trial) {
	order, size := r.hardestFirst(), len(r.t.Dev)
	if parent != nil && r.s.Prune {
		size = (size + waves - 1) / waves
	}
	for wave := range slices.Chunk(order, max(1, size)) {
		if !r.goesOn() || parent != nil && r.s.Prune && !c.canBeat(parent, r.t.Top) {
			return
		}
		examples := make([]Example, len(wave))
		for i, dev := range wave {
			examples[i] = r.t.Dev[dev]
			c.begin(dev)
		}
		r.answers("evaluate", c, c.program, examples, func(i int, got answer) {
			switch {
			case got.err == nil:
				c.score(wave[i], &got.score)
			case r.patience.stopped == nil && r.ctx.Err() == nil: // else it was not to be asked any more
				c.score(wave[i], nil)
			}
		})
	}
}

// hardestFirst are the dev examples, those first that most of the pool failed: a
// proposal that is better must win some of them.
func (r *reflection) hardestFirst() []int {
	failures := make([]int, len(r.t.Dev))
	order := make([]int, len(r.t.Dev))
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
