package optimize

import (
	"fmt"
	"slices"
	"strconv"

	"qgen-sidecar/engine/optimize/schedule"
	"qgen-sidecar/engine/program"
)

// DSPy's numbers of the candidates that are not random.
const (
	zeroShot   = -3
	labelsOnly = -2
	unshuffled = -1
)

// trial is one candidate: a program, and how far it is evaluated over the dev
// examples.
type trial struct {
	number  int // as DSPy has it: the seed; of a proposal its place
	shown   int // in results; the number, unless others came before
	program *program.Program
	unbuilt bool    // the program is not what is to be tried yet
	refs    [][]int // of its demonstrations, by predictor: the examples' indices in the gold file

	n         int   // dev examples
	todo      []int // those not asked yet
	open      int
	scores    []*Score
	answered  int
	successes int
	errors    int
	pruned    bool

	need *schedule.Need // ends when the trial is pruned
}

// trialOf is the trial of a program as it is, to be evaluated.
func trialOf(need *schedule.Need, number int, p *program.Program, dev int) *trial {
	c := &trial{number: number, shown: number, program: p, refs: make([][]int, len(p.Predictors)), n: dev, scores: make([]*Score, dev), need: need}
	for i := range dev {
		c.todo = append(c.todo, i)
	}
	return c
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

// unknown are the examples neither answered nor failed.
func (c *trial) unknown() int { return c.n - c.answered - c.errors }

// finished: every example was asked and has come back.
func (c *trial) finished() bool {
	return !c.unbuilt && len(c.todo) == 0 && c.open == 0 && !c.pruned
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
	out := Candidate{Candidate: c.shown, N: c.answered, Errors: c.errors, Pruned: c.pruned, Scores: c.scores}
	out.Demos = Demos[program.Demo]{Analyzer: []program.Demo{}, Generator: []program.Demo{}}
	out.Entries = Demos[int]{Analyzer: []int{}, Generator: []int{}}
	if c.unbuilt {
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
