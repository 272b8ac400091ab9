package optimize

// Pruning stops what cannot win any more. It changes no winner:
//
// A trial's final score is successes over answered. The least it can still get is
// when everything not yet known fails; the most, when everything succeeds (a
// failed run leaves the fraction as it is, and so lies between). If the most that
// a trial can get is less than the least that another one is sure of, or equal
// and the other one has the lower number (ties go to the lower number), the trial
// cannot be the first strict maximum. The other one must have answered half of
// the examples, so that it is certain to be compared (see best).
//
// The baseline is never pruned: its score is part of the result.

// least and most are the bounds of a trial's final score.
func (c *trial) least() float64 { return percent(c.successes, c.answered+c.unknown()) }

func (c *trial) most() float64 {
	whole := c.answered + c.unknown()
	if whole == 0 {
		return 0 // everything failed: no score at all
	}
	return percent(c.successes+c.unknown(), whole)
}

// leader is the trial that is surest of its score; nil if none is comparable yet.
func leader(trials []*trial) *trial {
	var best *trial
	for _, c := range trials {
		if c.pruned || !c.representative() || c.answered == 0 {
			continue
		}
		if best == nil || c.least() > best.least() {
			best = c
		}
	}
	return best
}

// prune marks the trials that cannot win against the leader.
func prune(trials []*trial) {
	lead := leader(trials)
	if lead == nil {
		return
	}
	for _, c := range trials {
		if c == lead || c.number == zeroShot || c.pruned || c.finished() {
			continue
		}
		if m := c.most(); m < lead.least() || m == lead.least() && lead.number < c.number {
			c.pruned = true
			c.need.End()
		}
	}
}

// best is the first strict maximum in the order of numbers, among the trials that
// answered at least half of the examples; if none did, among all with a score.
func best(trials []*trial) *trial {
	if b := maximum(trials, (*trial).representative); b != nil {
		return b
	}
	return maximum(trials, func(*trial) bool { return true })
}

func maximum(trials []*trial, comparable func(*trial) bool) *trial {
	var out *trial
	top := 0.0
	for _, c := range trials {
		score, ok := c.final()
		if ok && comparable(c) && (out == nil || score > top) {
			out, top = c, score
		}
	}
	return out
}
