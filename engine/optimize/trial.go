package optimize

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"qgen-sidecar/engine/program"
)

// trial is one candidate in work: bootstrapping, then evaluation over the dev
// examples.
type trial struct {
	number  int   // as DSPy has it: the seed
	shown   int   // in results; the number, unless others came before
	boot    *boot // nil once the program is built
	program *program.Program
	refs    [][]int
	wanted  int // bootstrapped demonstrations asked for
	found   int
	unheard int // runs of the teacher without an answer
	surplus int // runs of the teacher that were tried ahead in vain
	recall  recall

	n         int   // dev examples
	todo      []int // those not asked yet
	open      int
	scores    []*Score
	answered  int
	successes int
	errors    int
	pruned    bool
	proposal  *Proposal // nil: the program is not a teacher's proposal
	records   []Record  // on training examples, for proposals made of it

	ctx     context.Context // ends when the trial is pruned
	cancel  context.CancelFunc
	booting context.Context // ends with bootstrapping: what was tried ahead is not needed then
	built   context.CancelFunc
}

// trialOf is the trial of a program as it is, to be evaluated.
func trialOf(ctx context.Context, number int, p *program.Program, dev int) *trial {
	c := &trial{number: number, shown: number, program: p, refs: make([][]int, len(p.Predictors)), n: dev, scores: make([]*Score, dev)}
	c.ctx, c.cancel = context.WithCancel(ctx)
	for i := range dev {
		c.todo = append(c.todo, i)
	}
	return c
}

// newTrial is the trial of one of DSPy's candidates.
func newTrial(ctx context.Context, number int, t Task, s Settings) *trial {
	c := trialOf(ctx, number, t.Student.Reset(), len(t.Dev))
	c.wanted = s.sizeOf(number)
	c.booting, c.built = context.WithCancel(c.ctx)
	switch {
	case number == labelsOnly:
		demos := labelled(len(c.program.Predictors), s.MaxLabeledDemos, t.Train)
		give(c.program, demos)
		for i := range demos {
			for _, ex := range demos[i] {
				c.refs[i] = append(c.refs[i], ex.Index)
			}
		}
	case number > labelsOnly:
		c.boot = newBoot(number, t, s)
		c.build(s)
	}
	return c
}

// build ends bootstrapping if it is done.
func (c *trial) build(s Settings) {
	if c.boot == nil {
		return
	}
	n, done := c.boot.reached()
	if !done {
		return
	}
	c.unheard, c.surplus = c.boot.unheard(), c.boot.beyond(n)
	c.found, c.refs = c.boot.finish(c.program, s.MaxLabeledDemos)
	c.boot, c.recall = nil, recallDue
	c.built()
}

// take is the next dev example to ask: the first with the highest value, or the
// first at all without values.
func (c *trial) take(value []int) int {
	at := 0
	for i := range c.todo {
		if value != nil && value[c.todo[i]] > value[c.todo[at]] {
			at = i
		}
	}
	dev := c.todo[at]
	c.begin(dev)
	return dev
}

// begin puts a dev example in work.
func (c *trial) begin(dev int) {
	c.todo = slices.DeleteFunc(c.todo, func(i int) bool { return i == dev })
	c.open++
}

// score takes the outcome of one dev example in work; nil is a missing answer.
func (c *trial) score(i int, s *Score) {
	c.open--
	c.scores[i] = s
	switch {
	case s == nil:
		c.errors++
	case s.Success:
		c.successes++
		c.answered++
	default:
		c.answered++
	}
}

// finished: every example was asked and has come back.
func (c *trial) finished() bool {
	return c.boot == nil && len(c.todo) == 0 && c.open == 0 && !c.pruned
}

// final is the score of a finished trial; ok is false if nothing was answered.
func (c *trial) final() (score float64, ok bool) {
	if !c.finished() {
		return 0, false
	}
	return c.soFar()
}

// soFar is the score over what was answered.
func (c *trial) soFar() (score float64, ok bool) {
	if c.answered == 0 {
		return 0, false
	}
	return percent(c.successes, c.answered), true
}

// progress is where the trial stands.
func (c *trial) progress(stage string) Progress {
	p := Progress{Stage: stage, Candidate: c.shown, Of: [2]int{c.answered + c.errors, c.n}}
	if score, ok := c.soFar(); ok {
		p.Score = &score
	}
	return p
}

// unanswered says how much of dev has no answer; "" nothing.
func (c *trial) unanswered(last error) string {
	if c.errors == 0 {
		return ""
	}
	return fmt.Sprintf("candidate %d: %d of %d dev examples have no answer and are not counted (last: %v)", c.shown, c.errors, c.n, last)
}

// representative: enough was answered to compare the score with others'.
func (c *trial) representative() bool { return 2*c.answered >= c.n }

// percent is Python's round(100 * part / whole, 2), which rounds the binary
// number's exact value, halves to even.
func percent(part, whole int) float64 {
	text := strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 2, 64)
	v, _ := strconv.ParseFloat(text, 64) // what FormatFloat wrote
	return v
}

// candidate is the trial as the result shows it.
func (c *trial) candidate() Candidate {
	out := Candidate{Candidate: c.shown, N: c.answered, Errors: c.errors, Pruned: c.pruned, Proposal: c.proposal, Scores: c.scores}
	out.Demos = Demos[program.Demo]{Analyzer: []program.Demo{}, Generator: []program.Demo{}}
	out.Entries = Demos[int]{Analyzer: []int{}, Generator: []int{}}
	if c.boot != nil || c.proposal != nil && c.proposal.Instruction == "" {
		return out
	}
	out.Program = c.program
	for i, pr := range c.program.Predictors {
		switch pr.Name {
		case "analyzer":
			out.Demos.Analyzer = append(out.Demos.Analyzer, pr.Demos...)
			out.Entries.Analyzer = append(out.Entries.Analyzer, c.refs[i]...)
		case "generator":
			out.Demos.Generator = append(out.Demos.Generator, pr.Demos...)
			out.Entries.Generator = append(out.Entries.Generator, c.refs[i]...)
		}
	}
	if score, ok := c.final(); ok {
		out.Score = &score
	}
	return out
}
