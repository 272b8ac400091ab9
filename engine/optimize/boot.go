package optimize

import "qgen-sidecar/engine/program"

// boot is one candidate's bootstrapping: examples are tried in order until
// enough runs of the teacher succeeded.
//
// It asks ahead without asking in vain: the next example is tried only while the
// successes so far and everything still undecided, were it all to succeed, do not
// make enough. So every example tried is one that the strict order reaches too,
// and the first successes in order are all successes there are.
type boot struct {
	order   []Example
	teacher *program.Program
	size    int // successes wanted
	rounds  int
	next    int // the first example not tried yet
	open    int // examples tried and undecided
	good    map[int]program.Prediction
	retry   []teaching // failed, with rounds left
	failed  int        // runs without an answer
}

// teaching is one run of the teacher.
type teaching struct{ example, round int }

func newBoot(number int, t Task, s Settings) *boot {
	b := &boot{order: orderOf(number, t.Train), size: s.sizeOf(number), rounds: s.MaxRounds, good: map[int]program.Prediction{}}
	b.teacher = t.Student.Clone()
	if s.MaxLabeledDemos > 0 {
		b.teacher = t.Student.Reset()
		give(b.teacher, labelled(len(b.teacher.Predictors), s.MaxLabeledDemos, b.order))
	}
	return b
}

// pop is the next run to start, if one is due.
func (b *boot) pop() (teaching, bool) {
	if n := len(b.retry); n > 0 {
		first := b.retry[0]
		b.retry = b.retry[1:]
		return first, true
	}
	if b.next < len(b.order) && len(b.good)+b.open < b.size {
		b.next++
		b.open++
		return teaching{example: b.next - 1}, true
	}
	return teaching{}, false
}

// settle takes a run's outcome. A run that failed counts as no success, as in
// DSPy.
func (b *boot) settle(t teaching, p program.Prediction, score Score, err error) {
	if err != nil {
		b.failed++
	}
	switch {
	case err == nil && score.Success:
		b.good[t.example] = p
		b.open--
	case t.round+1 < b.rounds:
		b.retry = append(b.retry, teaching{t.example, t.round + 1})
	default:
		b.open--
	}
}

func (b *boot) done() bool {
	return b.open == 0 && (len(b.good) >= b.size || b.next == len(b.order))
}

// missing is how many runs are at least to come.
func (b *boot) missing() int {
	return min(b.size-len(b.good), b.open+len(b.order)-b.next)
}

// finish gives p its demonstrations, bootstrapped ones first, and returns the
// gold indices of each predictor's.
func (b *boot) finish(p *program.Program, total int) [][]int {
	refs := make([][]int, len(p.Predictors))
	counts := make([]int, len(p.Predictors))
	var left []Example
	for i, ex := range b.order {
		run, ok := b.good[i]
		if !ok {
			left = append(left, ex)
			continue
		}
		for j, pr := range p.Predictors {
			if d, ok := demoOf(pr, run.Trace); ok {
				pr.Demos = append(pr.Demos, d)
				refs[j] = append(refs[j], ex.Index)
				counts[j]++
			}
		}
	}
	for j, more := range fillUp(counts, total, left) {
		for _, ex := range more {
			p.Predictors[j].Demos = append(p.Predictors[j].Demos, ex.Demo)
			refs[j] = append(refs[j], ex.Index)
		}
	}
	return refs
}

// demoOf is a predictor's part of a run as a demonstration: inputs, then outputs,
// in the signature's order.
func demoOf(p *program.Predictor, trace []program.Step) (program.Demo, bool) {
	for i := len(trace) - 1; i >= 0; i-- {
		if trace[i].Predictor != p.Name {
			continue
		}
		var pairs []string
		for _, f := range p.Signature.Inputs {
			if v, ok := trace[i].Inputs[f.Name]; ok {
				pairs = append(pairs, f.Name, v)
			}
		}
		for _, f := range p.Signature.Outputs {
			if v, ok := trace[i].Outputs[f.Name]; ok {
				pairs = append(pairs, f.Name, v)
			}
		}
		return program.NewDemo(true, pairs...), true
	}
	return program.Demo{}, false
}
