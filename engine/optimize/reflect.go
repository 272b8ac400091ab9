package optimize

import (
	"context"
	"slices"
	"sync"

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
	silent   []error // proposals that the teacher did not make
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
		if m := r.merge(round, made); m != nil {
			made++
			r.work([]*proposing{m})
		}
	}
	if r.panicked != nil {
		panic(r.panicked) // in the caller's goroutine, where it can be caught
	}
	r.foreseen = r.finished
	r.report(r.all[len(r.all)-1].progress("reflect"))
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

// merge puts together what a round found for two predictors of the same parent:
// nobody need be asked for that. It takes the place of a proposal. (GEPA's merge
// looks for such pairs among all candidates.)
func (r *reflection) merge(round []*proposing, made int) *proposing {
	if made == r.s.NumProposals || !r.goesOn() {
		return nil
	}
	var found []*proposing
	for _, p := range round {
		if p.c.proposal.Accepted && (len(found) == 0 || p.parent == found[0].parent) {
			found = append(found, p)
		}
	}
	if len(found) < 2 {
		return nil
	}
	better, other := found[0], found[1]
	if other.c.beats(better.c) {
		better, other = other, better
	}
	p := &proposing{parent: better.c, predictor: other.predictor, merged: true}
	program := better.c.program.Clone()
	program.Predictor(other.predictor).Signature.Instructions = other.c.proposal.Instruction
	p.c = trialOf(r.ctx, made, program, len(r.t.Dev))
	p.c.refs = better.c.refs
	p.c.proposal = &Proposal{Parent: better.c.number, MergedWith: &other.c.number, Predictor: other.predictor, Instruction: other.c.proposal.Instruction, Entries: []int{}}
	return p
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
