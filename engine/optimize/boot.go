package optimize

import (
	"context"

	"qgen-sidecar/engine/program"
)

// boot is one candidate's bootstrapping: examples are tried in order until
// enough runs of the teacher succeeded.
//
// The examples that are needed are those which the strict order, one after the
// other, reaches whatever comes of the ones in work: the next example is needed
// while the successes so far and everything undecided before it, were it all to
// succeed, do not make enough. Only these are tried, and all of them at once.
// The search may try a few more ahead (see searchnext.go); they are accepted only
// where the strict order would have come to them, so that the demonstrations are
// the same however much is tried at once.
type boot struct {
	order   []Example
	teacher *program.Program
	size    int // successes wanted
	rounds  int
	tried   []trying // the first len(tried) of order
	retry   []teaching
	next    *teaching           // needed, and not asked yet
	known   map[teaching]answer // recalled
	begun   map[int]bool        // examples that an earlier compile had begun to try
}

// trying is what became of one example.
type trying struct {
	decided    bool
	good       bool
	prediction program.Prediction // of a success
	failed     int                // runs without an answer
}

// teaching is one run of the teacher.
type teaching struct{ example, round int }

func newBoot(number int, t Task, s Settings) *boot {
	b := &boot{order: orderOf(number, t.Train), size: s.sizeOf(number), rounds: s.MaxRounds}
	b.teacher = t.Student.Clone()
	if s.MaxLabeledDemos > 0 {
		b.teacher = t.Student.Reset()
		give(b.teacher, labelled(len(b.teacher.Predictors), s.MaxLabeledDemos, b.order))
	}
	return b
}

// ask runs the teacher, without the answer among its demonstrations, and has the
// outcome judged. It reads only what never changes of b.
func (b *boot) ask(ctx context.Context, task Task, t teaching) answer {
	ex := b.order[t.example]
	return task.judged(ctx, ex)(task.Teach(ctx, without(b.teacher, ex), ex, t.round))
}

// recall finds what is known of the runs of the teacher: it goes through the
// examples in order, for as long as the strict order might, and over those that
// were tried ahead. It reads only what never changes of b.
func (b *boot) recall(ctx context.Context, task Task) (known map[teaching]answer, begun map[int]bool) {
	known, begun = map[teaching]answer{}, map[int]bool{}
	hopeful := 0 // known to succeed, or not known to fail
	for i := range b.order {
		enough, failed := hopeful >= b.size, false
		for round := range b.rounds {
			t := teaching{i, round}
			got := b.ask(ctx, task, t)
			begun[i] = begun[i] || len(got.prediction.Trace) > 0
			if got.err != nil {
				break
			}
			known[t] = got
			failed = !got.score.Success && round+1 == b.rounds
			if got.score.Success {
				break
			}
		}
		if !failed {
			hopeful++
		}
		if enough && !begun[i] {
			break
		}
	}
	return known, begun
}

// remember takes what recall found.
func (b *boot) remember(known map[teaching]answer, begun map[int]bool) {
	b.known, b.begun = known, begun
}

// needed is how many examples, from the first, the strict order reaches.
func (b *boot) needed() int {
	hopeful := 0
	for i := range b.order {
		if hopeful >= b.size {
			return i
		}
		if i >= len(b.tried) || !b.tried[i].decided || b.tried[i].good {
			hopeful++
		}
	}
	return len(b.order)
}

// beyond is how many of the examples from n on were tried, now or by an earlier
// compile.
func (b *boot) beyond(n int) (sum int) {
	for i := n; i < len(b.order); i++ {
		if i < len(b.tried) || b.begun[i] {
			sum++
		}
	}
	return sum
}

// replay settles the runs that are needed and known, up to one that must be asked.
func (b *boot) replay() {
	for b.next == nil {
		t, ok := b.due()
		if !ok {
			return
		}
		if got, known := b.known[t]; known {
			b.settle(t, got)
		} else {
			b.next = &t
		}
	}
}

// pop is the next run that is needed, if one is due.
func (b *boot) pop() (t teaching, ok bool) {
	if b.replay(); b.next == nil {
		return t, false
	}
	t, b.next = *b.next, nil
	return t, true
}

func (b *boot) due() (teaching, bool) {
	limit := b.needed()
	for i, t := range b.retry {
		if t.example < limit {
			b.retry = append(b.retry[:i:i], b.retry[i+1:]...)
			return t, true
		}
	}
	if len(b.tried) < limit {
		return b.try(), true
	}
	return teaching{}, false
}

// try begins with the next example; there must be one.
func (b *boot) try() teaching {
	b.tried = append(b.tried, trying{})
	return teaching{example: len(b.tried) - 1}
}

// settle takes a run's outcome. A run that failed counts as no success, as in
// DSPy.
func (b *boot) settle(t teaching, got answer) {
	ex := &b.tried[t.example]
	if got.err != nil {
		ex.failed++
	}
	switch {
	case got.err == nil && got.score.Success:
		ex.decided, ex.good, ex.prediction = true, true, got.prediction
	case t.round+1 < b.rounds:
		b.retry = append(b.retry, teaching{t.example, t.round + 1})
	default:
		ex.decided = true
	}
}

// reached is how many examples the strict order came to; done is false while it
// waits for one.
func (b *boot) reached() (n int, done bool) {
	good := 0
	for i := range b.order {
		if good == b.size {
			return i, true
		}
		if i >= len(b.tried) || !b.tried[i].decided {
			return i, false
		}
		if b.tried[i].good {
			good++
		}
	}
	return len(b.order), true
}

// missing is how many runs are to come, as far as can be told.
func (b *boot) missing() int {
	limit := b.needed()
	n := max(0, limit-len(b.tried))
	for _, ex := range b.tried[:min(limit, len(b.tried))] {
		if !ex.decided {
			n++
		}
	}
	return n
}

// unheard are the runs without an answer.
func (b *boot) unheard() int {
	n, _ := b.reached()
	sum := 0
	for _, ex := range b.tried[:n] {
		sum += ex.failed
	}
	return sum
}

// finish gives p its demonstrations, bootstrapped ones first. It returns how
// many were bootstrapped, and the gold indices of each predictor's.
func (b *boot) finish(p *program.Program, total int) (found int, refs [][]int) {
	refs = make([][]int, len(p.Predictors))
	counts := make([]int, len(p.Predictors))
	var left []Example
	n, _ := b.reached()
	for i, ex := range b.order {
		if i >= n || !b.tried[i].good {
			left = append(left, ex)
			continue
		}
		found++
		for j, pr := range p.Predictors {
			if d, ok := demoOf(pr, b.tried[i].prediction.Trace); ok {
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
	return found, refs
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
