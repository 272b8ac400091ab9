package optimize

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/optimize/pyrand"
)

// reflection is the search for better instructions, after GEPA (arXiv 2507.19457,
// algorithm 1): what a program did wrong on a few training examples, in words,
// goes to the teacher, which writes a new instruction for one predictor. The new
// program must do better on these examples than the old one, or it is dropped;
// then better on dev, where it is dropped as soon as it cannot be any more.
//
// Proposals are made in rounds, one for each predictor, from the same pool and at
// the same time; what came of a round is entered in the order of its proposals.
// All draws come before a round, and dev examples are asked in waves of a fixed
// size. So nothing depends on which answer comes first: a search that was
// interrupted, and finds its answers in a cache, goes the same way again.
type reflection struct {
	t      Task
	s      Settings
	ctx    context.Context
	cancel context.CancelFunc
	rng    *pyrand.Rand
	pool   []*trial // accepted, oldest first; the student is the first
	all    []*trial

	places chan struct{} // one for each run in work

	mu       sync.Mutex
	patience patience
	lookup   bool // answers may be known from before
	asking   bool // false: only what is known is answered
	finished int
	recalled int
	foreseen int
	panicked any
}

// batches is how many minibatches a proposal goes through for a fault to learn
// from.
const batches = 4

// waves is in how many parts a proposal is evaluated on dev: after each it may be
// clear that it is no better.
const waves = 3

func newReflection(ctx context.Context, t Task, s Settings) *reflection {
	r := &reflection{t: t, s: s, rng: pyrand.New(s.Seed), places: make(chan struct{}, s.Concurrency),
		patience: patience{maxErrors: s.MaxErrors}, lookup: t.Recall != nil, asking: true}
	r.ctx, r.cancel = context.WithCancel(ctx)
	start := t.Student.Clone()
	if s.Name != reflective {
		start = t.Student.Reset() // demonstrations come after
	}
	base := trialOf(r.ctx, zeroShot, start, len(t.Dev))
	r.all, r.pool = []*trial{base}, []*trial{base}
	r.foreseen = len(t.Dev) + s.NumProposals*r.runsEach()
	return r
}

// runsEach is the usual number of runs of a proposal that goes all the way.
func (r *reflection) runsEach() int {
	return 2*min(r.s.MinibatchSize, len(r.t.Train)) + len(r.t.Dev)
}

// run searches until the proposals are made, nothing is left to learn, or it must
// stop.
func (r *reflection) run() error {
	defer r.cancel()
	r.report(Progress{Stage: "evaluate", Candidate: zeroShot})
	r.evaluate(r.pool[0], nil)
	r.lookup = r.lookup && (r.recalled > 0 || !r.asking)
	for made := 0; made < r.s.NumProposals && r.goesOn() && !r.perfect(); {
		r.foreseen = r.finished + (r.s.NumProposals-made)*r.runsEach()
		round := r.draw(made)
		made += len(round)
		r.work(round)
	}
	if r.panicked != nil {
		panic(r.panicked) // in the caller's goroutine, where it can be caught
	}
	r.foreseen = r.finished
	r.report(r.progressOf("reflect", r.all[len(r.all)-1]))
	if r.patience.stopped != nil {
		return r.patience.stopped
	}
	return r.ctx.Err()
}

func (r *reflection) goesOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.patience.stopped == nil && r.panicked == nil && r.ctx.Err() == nil
}

// perfect: no program can score more than the best.
func (r *reflection) perfect() bool {
	m := r.best().merit()
	return m.answered > 0 && m.successes == m.answered
}

// best of the pool; of equals the oldest.
func (r *reflection) best() *trial {
	out := r.pool[0]
	for _, c := range r.pool[1:] {
		if c.beats(out) {
			out = c
		}
	}
	return out
}

// proposing is one proposal in work.
type proposing struct {
	c         *trial // the candidate; its program is the parent's until there is an instruction
	parent    *trial
	predictor string
	order     []Example // training examples as they are drawn
	records   []Record  // the parent on the last minibatch of these
	earlier   []Record
	tried     []string
}

// draw makes a round: for each predictor a parent and an order of the training
// examples.
func (r *reflection) draw(made int) []*proposing {
	var round []*proposing
	for i, pr := range r.t.Student.Predictors {
		if made+i == r.s.NumProposals {
			break
		}
		p := &proposing{parent: drawParent(r.rng, r.pool), predictor: pr.Name, order: slices.Clone(r.t.Train)}
		r.rng.Shuffle(len(p.order), func(i, j int) { p.order[i], p.order[j] = p.order[j], p.order[i] })
		p.tried, p.earlier = r.tried(p.parent, p.predictor), p.parent.known()
		p.c = trialOf(r.ctx, made+i, p.parent.program, len(r.t.Dev))
		p.c.refs = p.parent.refs
		p.c.proposal = &Proposal{Parent: p.parent.number, Predictor: p.predictor, Entries: []int{}}
		round = append(round, p)
	}
	return round
}

// TriedMost and EarlierMost are how many earlier instructions and runs a teacher
// is told of. They are paid for; a minibatch alone may show a fault that is rare.
const (
	TriedMost   = 4
	EarlierMost = 12
)

// known are the latest runs of the program on training examples, one an example.
func (c *trial) known() (out []Record) {
	seen := map[int]bool{}
	for _, rec := range slices.Backward(c.records) {
		if !seen[rec.Example.Index] && len(out) < EarlierMost {
			seen[rec.Example.Index] = true
			out = append(out, rec)
		}
	}
	slices.Reverse(out)
	return out
}

// tried are the latest instructions for a predictor of a parent that were no better.
func (r *reflection) tried(parent *trial, predictor string) (out []string) {
	for _, c := range r.all {
		if p := c.proposal; p != nil && p.Parent == parent.number && p.Predictor == predictor && p.Instruction != "" && !p.Accepted {
			out = append(out, p.Instruction)
		}
	}
	return out[max(0, len(out)-TriedMost):]
}

// work does a round's proposals at the same time, and enters what came of them.
func (r *reflection) work(round []*proposing) {
	var wg sync.WaitGroup
	for _, p := range round {
		wg.Go(func() {
			defer r.catch()
			r.propose(p)
		})
	}
	wg.Wait()
	for _, p := range round {
		if p.c.proposal.Outcome == "" {
			p.c.proposal.Outcome = "the compile ended before it was decided"
		}
		p.c.pruned = !p.c.finished()
		p.parent.records = append(p.parent.records, p.records...)
		r.all = append(r.all, p.c)
		if p.c.proposal.Accepted {
			r.pool = append(r.pool, p.c)
		}
	}
}

// catch keeps a panic for the caller's goroutine.
func (r *reflection) catch() {
	if v := recover(); v != nil {
		r.mu.Lock()
		r.panicked = v
		r.mu.Unlock()
		r.cancel()
	}
}

// propose takes one proposal as far as it gets.
func (r *reflection) propose(p *proposing) {
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
	if r.evaluate(p.c, p.parent); !r.goesOn() {
		return
	}
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
			if got.err == nil {
				c.score(wave[i], &got.score)
			} else {
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
