package schedule

import (
	"context"
	"fmt"
)

// Strategy decides what is asked. Run calls it from one goroutine.
type Strategy interface {
	// Next is the job that decides most of all that can be asked now; ok is false
	// when there is none before another one comes back. It is called again after
	// every Take, and whenever there is a place for a job.
	Next() (j Job, ok bool)
	// Complete reports that nothing is left to ask.
	Complete() bool
}

// Options of a schedule.
type Options struct {
	Places    int // jobs in work at once, but for those that take no place
	MaxErrors int // jobs that may fail in a row before it gives up
	// Spent reports that an error will meet every further job. nil: none does.
	Spent func(error) bool
	// Order makes a context whose calls have this order among those that wait; the
	// lower is served first. nil: they have none.
	Order func(ctx context.Context, order int) context.Context
}

// Tally counts runs that came back.
type Tally struct {
	Done  int
	Known int // of these, known from before
}

// Schedule asks jobs. It is one goroutine's.
type Schedule struct {
	options  Options
	whole    *Need
	results  chan outcome
	inWork   int
	places   int // that are taken
	tally    Tally
	patience patience
	panicked any
}

// outcome is a job that has come back.
type outcome struct {
	Job
	Reply
	panicked any
}

// New is a schedule that asks nothing yet. Close ends what it has under ctx.
func New(ctx context.Context, o Options) *Schedule {
	s := &Schedule{options: o, whole: &Need{}, results: make(chan outcome)}
	s.whole.ctx, s.whole.cancel = context.WithCancel(ctx)
	return s
}

// Close ends all needs.
func (s *Schedule) Close() { s.whole.cancel() }

// Need is that of the whole, which lasts until Close.
func (s *Schedule) Need() *Need { return s.whole }

// Tally of all runs so far, of one strategy after the other.
func (s *Schedule) Tally() Tally { return s.tally }

// LastErr is of the job that failed last under the strategy that runs, or ran last.
func (s *Schedule) LastErr() error { return s.patience.lastErr }

// Run asks until nothing is left, or it must stop. Errors: the one that Spent knew,
// as it was given; the last one, when too many jobs failed in a row; the context's,
// if the strategy is not complete. Strategies may run one after the other.
func (s *Schedule) Run(st Strategy) error {
	s.patience = patience{maxErrors: s.options.MaxErrors, spent: s.options.Spent}
	for {
		for s.places < s.options.Places && !s.ended() {
			j, ok := st.Next()
			if !ok {
				break
			}
			s.begin(j)
		}
		if s.inWork == 0 {
			break
		}
		s.settle(<-s.results)
	}
	switch {
	case s.panicked != nil:
		panic(s.panicked) // in the caller's goroutine, where it can be caught
	case s.patience.stopped != nil:
		return s.patience.stopped
	case st.Complete():
		return nil
	}
	return s.whole.ctx.Err()
}

// ended: nothing more is asked.
func (s *Schedule) ended() bool { return s.patience.stopped != nil || s.whole.ctx.Err() != nil }

func (s *Schedule) begin(j Job) {
	if j.Need == nil {
		j.Need = s.whole
	}
	s.inWork++
	s.places += j.takes()
	go func() { s.results <- s.ask(j) }()
}

// takes is how many places a job holds while it is in work.
func (j Job) takes() int {
	if j.Kind == Writing {
		return 0
	}
	return 1
}

// ask is the only code that runs beside the owner's goroutine; it changes nothing
// of the schedule.
func (s *Schedule) ask(j Job) (out outcome) {
	out.Job = j
	defer func() { out.panicked = recover() }()
	ctx := j.Need.ctx
	if s.options.Order != nil {
		ctx = s.options.Order(ctx, j.Order)
	}
	out.Reply = j.Ask(ctx)
	return out
}

// settle takes one outcome.
func (s *Schedule) settle(o outcome) {
	s.inWork--
	s.places -= o.takes()
	if o.back != nil {
		o.back()
	}
	switch {
	case o.panicked != nil:
		s.panicked = o.panicked
		s.patience.stop(fmt.Errorf("optimize: panic: %v", o.panicked))
		s.Close()
		return
	case o.Need.over(), o.Err != nil && s.ended():
		return // nobody waits for it, or it was cancelled or tried in vain
	case o.Kind == Lookup, o.Known > 0:
		s.tally.Done += o.Known
		s.tally.Known += o.Known
	default:
		s.hear(o)
		if o.Err != nil && s.patience.stopped != nil {
			return // the budget's refusal is not the example's failure
		}
	}
	o.Take()
}

// hear counts what was asked, and decides whether going on makes sense.
func (s *Schedule) hear(o outcome) {
	if o.Kind == Run {
		s.tally.Done++
	}
	if s.patience.heard(o.Err) {
		s.Close()
	}
}

// Unanswered is the error of a strategy that came to its end without one answer.
func (s *Schedule) Unanswered() error {
	return fmt.Errorf("none of %d runs was answered: %w", s.tally.Done, s.patience.lastErr)
}
