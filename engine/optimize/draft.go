package optimize

import "qgen-sidecar/engine/optimize/schedule"

// draft is one of DSPy's candidates: bootstrapping, then a trial of what that
// built.
type draft struct {
	*trial
	boot    *boot          // nil once the program is built
	booting *schedule.Need // ends with bootstrapping: what was tried ahead is not needed then
	wanted  int            // bootstrapped demonstrations asked for
	found   int
	unheard int // runs of the teacher without an answer
	surplus int // runs of the teacher that were tried ahead in vain
	recall  recall
}

// recall is how far a draft has come with what is known already.
type recall int

const (
	recallDue recall = iota
	recallDuring
	recallDone
)

func newDraft(need *schedule.Need, number int, t Task, s Settings) *draft {
	d := &draft{trial: trialOf(need.Part(), number, t.Student.Reset(), len(t.Dev)), wanted: s.sizeOf(number)}
	switch {
	case number == labelsOnly:
		demos := labelled(len(d.program.Predictors), s.MaxLabeledDemos, t.Train)
		give(d.program, demos)
		for i := range demos {
			for _, ex := range demos[i] {
				d.refs[i] = append(d.refs[i], ex.Index)
			}
		}
	case number > labelsOnly:
		d.boot, d.booting, d.unbuilt = newBoot(number, t, s), d.need.Part(), true
		d.build(s)
	}
	return d
}

// build ends bootstrapping if it is done.
func (d *draft) build(s Settings) {
	if d.boot == nil {
		return
	}
	n, done := d.boot.reached()
	if !done {
		return
	}
	d.unheard, d.surplus = d.boot.unheard(), d.boot.beyond(n)
	d.found, d.refs = d.boot.finish(d.program, s.MaxLabeledDemos)
	d.boot, d.unbuilt, d.recall = nil, false, recallDue
	d.booting.End()
}
