package optimize

import (
	"fmt"
	"slices"

	"qgen-sidecar/engine/optimize/pyrand"
	"qgen-sidecar/engine/optimize/schedule"
	"qgen-sidecar/engine/program"
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
	*compilation
	rng      *pyrand.Rand
	pool     []*variant // accepted, oldest first; the student is the first
	all      []*variant
	expected int     // runs of the schedule, at the end of this search
	silent   []error // proposals that the teacher did not make
}

// variant is the student, or a proposal: a trial, and what is learned from it.
type variant struct {
	*trial
	proposal *Proposal // nil: it is the student
	records  []Record  // its runs on training examples, for proposals made of it
}

// batches is how many minibatches a proposal goes through for a fault to learn
// from.
const batches = 4

// waves is in how many parts a proposal is evaluated on dev: after each it may be
// clear that it is no better.
const waves = 3

// runReflection is the reflective optimiser by itself.
func runReflection(c *compilation) (Result, error) {
	return newReflection(c, c.task.Student.Clone()).run()
}

func newReflection(c *compilation, start *program.Program) *reflection {
	r := &reflection{compilation: c, rng: pyrand.New(c.settings.Seed)}
	base := &variant{trial: trialOf(c.schedule.Need(), zeroShot, start, len(c.task.Dev))}
	r.all, r.pool = []*variant{base}, []*variant{base}
	r.expect(c.settings.NumProposals)
	r.expected += len(c.task.Dev)
	return r
}

// expect so many proposals that go all the way.
func (r *reflection) expect(proposals int) {
	each := 2*min(r.settings.MinibatchSize, len(r.task.Train)) + len(r.task.Dev)
	r.expected = r.schedule.Tally().Done + proposals*each
}

func (r *reflection) run() (Result, error) {
	r.show(Progress{Stage: "evaluate", Candidate: zeroShot})
	script := schedule.NewScript(r.steps)
	defer script.End()
	err := r.schedule.Run(script)
	script.End()
	r.expect(0)
	r.show(r.all[len(r.all)-1].progress("reflect"))
	return r.result(err)
}

func (r *reflection) show(p Progress) {
	r.report(p, max(0, r.expected-r.schedule.Tally().Done), r.best().trial)
}

// steps are the search from its beginning until the proposals are made or nothing is
// left to learn.
func (r *reflection) steps(sc *schedule.Script) {
	if !r.evaluate(sc, r.pool[0], nil) {
		return
	}
	r.lookup = r.lookup && (r.schedule.Tally().Known > 0 || !r.asking)
	for made := 0; made < r.settings.NumProposals && !r.perfect(); {
		r.expect(r.settings.NumProposals - made)
		round := r.draw(made)
		made += len(round)
		if !r.work(sc, round) {
			return
		}
		if m := r.merge(round, made); m != nil {
			made++
			if !r.work(sc, []*proposing{m}) {
				return
			}
		}
	}
}

// result sums up, whether the search came to its end or was stopped.
func (r *reflection) result(err error) (Result, error) {
	out := Result{Warnings: r.warnings, Partial: err != nil}
	for _, c := range r.all {
		out.Candidates = append(out.Candidates, c.candidate())
		if said := c.unanswered(r.schedule.LastErr()); said != "" {
			out.Warnings = append(out.Warnings, said)
		}
	}
	if n := len(r.silent); n > 0 {
		out.Warnings = append(out.Warnings, fmt.Sprintf("%d of %d proposals did not come about, as the teacher gave no instruction to use (last: %v)", n, len(r.all)-1, r.silent[n-1]))
	}
	out.Baseline = out.Candidates[0]
	best := r.best()
	if _, ok := best.final(); ok {
		out.Best = best.candidate()
	} else if err == nil {
		err = r.schedule.Unanswered()
		out.Partial = true
	}
	return out, err
}

// candidate is the variant as the result shows it.
func (c *variant) candidate() Candidate {
	out := c.trial.candidate()
	out.Proposal = c.proposal
	return out
}

// perfect: no program can score more than the best.
func (r *reflection) perfect() bool {
	m := r.best().merit()
	return m.answered > 0 && m.successes == m.answered
}

// best of the pool; of equals the oldest.
func (r *reflection) best() *variant {
	out := r.pool[0]
	for _, c := range r.pool[1:] {
		if c.beats(out.trial) {
			out = c
		}
	}
	return out
}

// draw makes a round: for each predictor a parent and an order of the training
// examples.
func (r *reflection) draw(made int) []*proposing {
	var round []*proposing
	for i, pr := range r.task.Student.Predictors {
		if made+i == r.settings.NumProposals {
			break
		}
		p := &proposing{parent: drawParent(r.rng, r.pool), predictor: pr.Name, order: slices.Clone(r.task.Train)}
		r.rng.Shuffle(len(p.order), func(i, j int) { p.order[i], p.order[j] = p.order[j], p.order[i] })
		p.tried, p.earlier = r.tried(p.parent, p.predictor), p.parent.known()
		p.c = r.variant(made+i, p.parent.program, p.parent, &Proposal{Parent: p.parent.number, Predictor: p.predictor, Entries: []int{}})
		p.c.unbuilt = true
		round = append(round, p)
	}
	return round
}

// merge puts together what a round found for two predictors of the same parent:
// nobody need be asked for that. It takes the place of a proposal. (GEPA's merge
// looks for such pairs among all candidates.)
func (r *reflection) merge(round []*proposing, made int) *proposing {
	if made == r.settings.NumProposals {
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
	if other.c.beats(better.c.trial) {
		better, other = other, better
	}
	p := &proposing{parent: better.c, predictor: other.predictor, merged: true}
	merged := better.c.program.Clone()
	merged.Predictor(other.predictor).Signature.Instructions = other.c.proposal.Instruction
	p.c = r.variant(made, merged, better.c, &Proposal{Parent: better.c.number, MergedWith: &other.c.number, Predictor: other.predictor, Instruction: other.c.proposal.Instruction, Entries: []int{}})
	return p
}

// variant of a parent, whose demonstrations it keeps.
func (r *reflection) variant(number int, p *program.Program, parent *variant, how *Proposal) *variant {
	out := &variant{trial: trialOf(r.schedule.Need(), number, p, len(r.task.Dev)), proposal: how}
	out.refs = parent.refs
	return out
}

// TriedMost and EarlierMost are how many earlier instructions and runs a teacher
// is told of. They are paid for; a minibatch alone may show a fault that is rare.
const (
	TriedMost   = 4
	EarlierMost = 12
)

// known are the latest runs of the program on training examples, one an example.
func (c *variant) known() (out []Record) {
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
func (r *reflection) tried(parent *variant, predictor string) (out []string) {
	for _, c := range r.all {
		if p := c.proposal; p != nil && p.Parent == parent.number && p.Predictor == predictor && p.Instruction != "" && !p.Accepted {
			out = append(out, p.Instruction)
		}
	}
	return out[max(0, len(out)-TriedMost):]
}

// work does a round's proposals at the same time, and enters what came of them. It
// reports false when the compile ended before that.
func (r *reflection) work(sc *schedule.Script, round []*proposing) bool {
	var parts []func(*schedule.Script)
	for _, p := range round {
		parts = append(parts, func(sc *schedule.Script) { r.propose(sc, p) })
	}
	decided := sc.Together(parts...)
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
	return decided
}

// planReflection bounds the reflective optimiser: it asks the student on dev, and
// may stop there if nothing is to be improved; at the most every proposal goes
// through all its minibatches and the whole of dev.
func planReflection(p planning) Estimate {
	batch := min(p.MinibatchSize, p.train)
	each := min(batches*batch, p.train) + batch + p.dev
	most := p.dev + p.NumProposals*each
	e := Estimate{Runs: Range{p.dev, most}, Judgements: Range{p.devInputs, most}, Reflections: Range{0, p.NumProposals}}
	for _, pr := range p.task.Student.Predictors {
		e.Predictors = append(e.Predictors, PredictorEstimate{Name: pr.Name, Runs: Range{p.devInputs, most}})
	}
	return e
}
