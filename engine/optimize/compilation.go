package optimize

import (
	"context"
	"errors"

	"qgen-sidecar/engine/optimize/schedule"
)

// compilation is one compile under way: what an optimiser is given.
type compilation struct {
	task     Task
	settings Settings
	schedule *schedule.Schedule
	asking   bool     // false: only what is known is answered, see Recall
	lookup   bool     // answers may be known from before; the baseline shows it
	warnings []string // so far
}

// errUnknown ends a compilation that may not ask.
var errUnknown = errors.New("optimize: the answer is not known yet")

// newCompilation has checked settings, and examples to learn from.
func newCompilation(ctx context.Context, t Task, s Settings) *compilation {
	s = s.withDefaults()
	if len(t.Dev) == 0 {
		t.Dev = t.Train
	}
	spent := func(err error) bool {
		return errors.Is(err, errUnknown) || t.Spent != nil && t.Spent(err)
	}
	return &compilation{task: t, settings: s, asking: true, lookup: t.Recall != nil, schedule: schedule.New(ctx, schedule.Options{
		Places: s.Concurrency, MaxErrors: s.MaxErrors, Spent: spent, Order: t.Order,
	})}
}

// bootOrder is the order of calls that all others wait for: before every
// evaluation's.
const bootOrder = -1

// report adds where the whole compile stands to what is said of one candidate.
// foreseen are the runs still to come, as far as can be told; best is nil when no
// candidate is finished.
func (c *compilation) report(p Progress, foreseen int, best *trial) {
	if c.task.Progress == nil {
		return
	}
	tally := c.schedule.Tally()
	p.Done, p.Known, p.Total = tally.Done, tally.Known, tally.Done+foreseen
	if best != nil {
		if score, ok := best.final(); ok {
			p.Best = &Leader{best.shown, score}
		}
	}
	c.task.Progress(p)
}
