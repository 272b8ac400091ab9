package optimize

import "fmt"

// patience decides when a compile gives up.
type patience struct {
	maxErrors int   // runs without an answer in a row
	streak    int   // failures since the last answer
	lastErr   error // of a failed run
	stopped   error // why no more is asked
}

// heard takes the outcome of a run. hopeless: what is in work need not be waited
// for either. After a spent budget it is: it may be paid for already.
func (p *patience) heard(err error) (hopeless bool) {
	if err == nil {
		p.streak = 0
		return false
	}
	p.lastErr = err
	p.streak++
	switch {
	case isFatal(err):
		p.stop(err)
	case p.streak >= p.maxErrors:
		p.stop(fmt.Errorf("optimize: %d runs in a row failed, so the compile was stopped (what was answered stays cached): %w", p.streak, err))
		return true
	}
	return false
}

func (p *patience) stop(err error) {
	if p.stopped == nil {
		p.stopped = err
	}
}

// unheard is the end of a compile without one answer.
func (p *patience) unheard(runs int) error {
	return fmt.Errorf("optimize: none of %d runs was answered: %w", runs, p.lastErr)
}
