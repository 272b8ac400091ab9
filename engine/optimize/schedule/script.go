package schedule

import (
	"iter"
	"slices"
)

// Script is a strategy written as a function, from its first step to its last. The
// function runs only while nothing else does (it is a coroutine), so that it may
// change whatever the answers' Take changes.
type Script struct {
	resume  func() (struct{}, bool) // until the next pause, or the end
	stop    func()                  // makes the pause, and all that follow, end at once
	pause   func(struct{}) bool     // false: it was stopped
	waiting []Job                   // not begun
	open    int                     // in work
	parts   []*Script               // that it waits for
	over    bool
}

// NewScript is the strategy that f is. f begins with the first Next. End must be
// called after Run.
func NewScript(f func(*Script)) *Script {
	sc := &Script{}
	sc.resume, sc.stop = iter.Pull(func(yield func(struct{}) bool) {
		sc.pause = yield
		f(sc)
	})
	return sc
}

// Ask has the jobs asked, in their order as places fall free, and returns when all
// have come back. It reports false when the schedule ended before that.
func (sc *Script) Ask(jobs ...Job) bool {
	sc.waiting = jobs
	return sc.pause(struct{}{})
}

// Together runs parts, each a script of its own, at the same time, and returns when
// all have returned. It reports false when the schedule ended before that.
func (sc *Script) Together(parts ...func(*Script)) bool {
	for _, f := range parts {
		sc.parts = append(sc.parts, NewScript(f))
	}
	all := sc.pause(struct{}{})
	sc.endParts() // those that the end leaves, or that came after it
	return all
}

// Next goes on with every part that waits for nothing, and takes the job with the
// lowest order of those that are then to be begun.
func (sc *Script) Next() (Job, bool) {
	sc.advance()
	from := sc.first()
	if from == nil {
		return Job{}, false
	}
	j := from.waiting[0]
	from.waiting = from.waiting[1:]
	from.open++
	j.back = func() { from.open-- }
	return j, true
}

// advance goes on until every part waits for an answer, or has returned.
func (sc *Script) advance() {
	for {
		for _, p := range sc.parts {
			p.advance()
		}
		sc.parts = slices.DeleteFunc(sc.parts, (*Script).Complete)
		if sc.over || sc.open > 0 || len(sc.waiting) > 0 || len(sc.parts) > 0 {
			return
		}
		_, more := sc.resume()
		sc.over = !more
	}
}

// first is the part whose job is the next; of equals the earlier one. nil: none.
func (sc *Script) first() (out *Script) {
	if len(sc.waiting) > 0 {
		out = sc
	}
	for _, p := range sc.parts {
		if f := p.first(); f != nil && (out == nil || f.waiting[0].Order < out.waiting[0].Order) {
			out = f
		}
	}
	return out
}

// Complete reports that the function returned by itself.
func (sc *Script) Complete() bool { return sc.over }

// End lets the function return, the parts' first: whatever it waits for, or asks
// from then on, does not come. After Complete it does nothing.
func (sc *Script) End() {
	sc.endParts()
	sc.stop()
}

func (sc *Script) endParts() {
	for _, p := range sc.parts {
		p.End()
	}
	sc.parts = nil
}
