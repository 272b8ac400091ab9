package optimize

import (
	"context"
	"sync"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/program"
)

// How a reflection asks: any number of runs at the same time, from several
// proposals, as far as there are places.

// answers runs a program on the examples, all at the same time as far as there are
// places. each is called for every answer as it comes, one at a time. What must
// not be asked any more is a missing answer.
func (r *reflection) answers(stage string, c *trial, p *program.Program, examples []Example, each func(int, answer)) []answer {
	out := make([]answer, len(examples))
	var wg sync.WaitGroup
	for i, ex := range examples {
		r.places <- struct{}{}
		wg.Go(func() {
			defer func() { <-r.places }()
			defer r.catch()
			got := r.one(c, p, ex)
			r.mu.Lock()
			defer r.mu.Unlock()
			if out[i] = got; each != nil {
				each(i, got)
			}
			r.finished++
			r.report(c.progress(stage))
		})
	}
	wg.Wait()
	return out
}

// one asks one run, of the cache first if that may know it.
func (r *reflection) one(c *trial, p *program.Program, ex Example) answer {
	if r.asking && !r.goesOn() {
		return answer{err: context.Canceled}
	}
	if r.lookup {
		if got := r.t.run(r.t.Recall(r.ctx), p, ex); got.err == nil {
			r.mu.Lock()
			r.recalled++
			r.mu.Unlock()
			return got
		}
	}
	if !r.asking {
		r.failed(errUnknown)
		return answer{err: errUnknown}
	}
	got := r.t.run(dispatcher.WithOrder(r.ctx, max(0, c.number+1)), p, ex)
	r.failed(got.err)
	return got
}

// failed takes the outcome of a call, and reports whether the compile ends there.
func (r *reflection) failed(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil && err != nil {
		return true
	}
	if err != nil && !r.asking {
		r.patience.stop(errUnknown)
		return true
	}
	if r.patience.heard(err) {
		r.cancel()
	}
	return r.patience.stopped != nil
}

// report adds where the whole compile stands; r.mu is held once others work.
func (r *reflection) report(p Progress) {
	if r.t.Progress == nil {
		return
	}
	p.Done, p.Known, p.Total = r.finished, r.recalled, max(r.finished, r.foreseen)
	if b := r.best(); b.finished() {
		if score, ok := b.final(); ok {
			p.Best = &Leader{b.number, score}
		}
	}
	r.t.Progress(p)
}
