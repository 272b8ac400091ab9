package schedule

import "fmt"

// patience decides when going on makes no sense.
type patience struct {
	maxErrors int // jobs without an answer in a row
	spent     func(error) bool
	streak    int   // failures since the last answer
	lastErr   error // of a failed job
	stopped   error // why no more is asked
}

// heard takes what came of a job. hopeless: what is in work need not be waited
// for either. After a spent budget it is: it may be paid for already.
func (p *patience) heard(err error) (hopeless bool) {
	if err == nil {
		p.streak = 0
		return false
	}
	p.lastErr = err
	p.streak++
	switch {
	case p.spent != nil && p.spent(err):
		p.stop(err)
	case p.streak >= p.maxErrors:
		p.stop(fmt.Errorf("%d runs in a row failed, so the compile was stopped (what was answered stays cached): %w", p.streak, err))
		return true
	}
	return false
}

func (p *patience) stop(err error) {
	if p.stopped == nil {
		p.stopped = err
	}
}
