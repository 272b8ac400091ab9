package optimize

import "fmt"

// merit is what a program made of some examples. More successes are better;
// among equals the higher sum of values: a judge's 5 is more than its 4, and with
// a handful of examples that is often all there is to tell programs apart.
type merit struct {
	answered, successes int
	value               float64
}

func (m merit) better(than merit) bool {
	return m.successes > than.successes || m.successes == than.successes && m.value > than.value
}

func (m *merit) add(s Score) {
	m.answered++
	m.value += s.Value
	if s.Success {
		m.successes++
	}
}

// mean of the values; 0 when nothing was answered.
func (m merit) mean() float64 { return m.value / float64(max(1, m.answered)) }

func (m merit) batch() *Batch {
	return &Batch{N: m.answered, Successes: m.successes, Mean: m.mean()}
}

// String is "2 of 3 succeeded (mean 3.7)".
func (m merit) String() string {
	return fmt.Sprintf("%d of %d succeeded (mean %.1f)", m.successes, m.answered, m.mean())
}

// compared are the merits of two programs over the examples that both answered.
func compared(a, b []*Score) (of, rival merit) {
	for i := range a {
		if a[i] != nil && b[i] != nil {
			of.add(*a[i])
			rival.add(*b[i])
		}
	}
	return of, rival
}

// canBeat reports whether the trial, evaluated as far as it is, may still turn out
// better than a finished one: if everything open succeeds with the highest value.
func (c *trial) canBeat(rival *trial, top float64) bool {
	mine, theirs := compared(c.scores, rival.scores)
	for _, i := range c.todo {
		if rival.scores[i] != nil {
			mine.add(Score{Value: top, Success: true})
			theirs.add(*rival.scores[i])
		}
	}
	if top == 0 { // values have no bound that is known
		return mine.successes >= theirs.successes
	}
	return mine.better(theirs)
}

// beats reports whether the trial is better than another, both evaluated.
func (c *trial) beats(rival *trial) bool {
	mine, theirs := compared(c.scores, rival.scores)
	return c.representative() && mine.better(theirs)
}

// merit of all that a trial answered.
func (c *trial) merit() (m merit) {
	for _, s := range c.scores {
		if s != nil {
			m.add(*s)
		}
	}
	return m
}
