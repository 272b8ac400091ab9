package optimize

import (
	"context"
	"errors"
	"strings"

	"qgen-sidecar/engine/optimize/schedule"
	"qgen-sidecar/engine/program"
)

// What an optimiser that is a script asks: any number of runs at the same time, and
// what the teacher writes.

// errNotAsked is the answer of a run that the compile's end left out.
var errNotAsked = errors.New("optimize: the compile ended before this was answered")

// answers runs a program on the examples. each is called for every answer as it
// comes. ok is false when the compile ended before all had come.
func (c *compilation) answers(sc *schedule.Script, order int, p *program.Program, examples []Example, each func(int, answer)) (out []answer, ok bool) {
	out = make([]answer, len(examples))
	jobs := make([]schedule.Job, len(examples))
	for i, ex := range examples {
		out[i].err = errNotAsked
		var got answer
		jobs[i] = schedule.Job{Order: order, Ask: c.asks(p, ex, &got), Take: func() {
			out[i] = got
			each(i, got)
		}}
	}
	return out, sc.Ask(jobs...)
}

// asks is one run, of the cache first if that may know it.
func (c *compilation) asks(p *program.Program, ex Example, got *answer) func(context.Context) schedule.Reply {
	lookup := c.lookup
	return func(ctx context.Context) schedule.Reply {
		if lookup {
			if *got = c.task.run(c.task.Recall(ctx), p, ex); got.err == nil {
				return schedule.Reply{Known: 1}
			}
		}
		if !c.asking {
			return schedule.Reply{Err: errUnknown}
		}
		*got = c.task.run(ctx, p, ex)
		return schedule.Reply{Err: got.err}
	}
}

// written asks the teacher for an instruction; everything else waits for it. ok is
// false when the compile ended before it came.
func (c *compilation) written(sc *schedule.Script, what Reflection) (text string, ok bool, err error) {
	ask := schedule.Job{Kind: schedule.Writing, Order: bootOrder, Take: func() {}}
	ask.Ask = func(ctx context.Context) schedule.Reply {
		if !c.asking {
			ctx = c.task.Recall(ctx)
		}
		if text, err = c.task.Reflect(ctx, what); err != nil && !c.asking {
			err = errUnknown
		}
		return schedule.Reply{Err: err}
	}
	if !sc.Ask(ask) {
		return "", false, nil
	}
	return strings.TrimSpace(text), true, err
}
