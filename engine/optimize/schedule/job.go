package schedule

import "context"

// Job is one thing to ask.
type Job struct {
	Kind Kind
	// Order is of its calls among those that wait for an endpoint, the lower first
	// (see Options.Order); and of a script's jobs among those that wait for a place.
	Order int
	// Need is what it is asked for; nil: for the whole.
	Need *Need
	// Ask finds the answer, in a goroutine of its own, and leaves it where Take
	// finds it. It changes nothing else. ctx ends with the need.
	Ask func(ctx context.Context) Reply
	// Take enters the answer, or that there is none. It is called only where that
	// counts: see the package's promises.
	Take func()

	back func() // a script's: it came back, whether that counts or not
}

// Kind is how a job is counted.
type Kind int

const (
	// Run is a program's run on an example, judged. It takes a place.
	Run Kind = iota
	// Lookup asks nobody: it finds what is known from before, any number of runs.
	// It takes a place.
	Lookup
	// Writing is a text that others wait for. It takes no place, and is no run.
	Writing
)

// Reply is how asking went.
type Reply struct {
	Err   error // there is no answer
	Known int   // runs whose answers were known, so that nobody was asked
}

// Need is what jobs are asked for, as long as it lasts.
type Need struct {
	ctx    context.Context
	cancel context.CancelFunc
	whole  *Need // nil: of the schedule itself
	ended  bool
}

// Part is a need that ends with n, if not before.
func (n *Need) Part() *Need {
	out := &Need{whole: n}
	out.ctx, out.cancel = context.WithCancel(n.ctx)
	return out
}

// End cancels the jobs of n that are in work; their answers are not taken.
func (n *Need) End() {
	n.ended = true
	n.cancel()
}

func (n *Need) over() bool { return n != nil && (n.ended || n.whole.over()) }
