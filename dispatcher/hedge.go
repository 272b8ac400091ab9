package dispatcher

import (
	"context"
	"time"
)

// hedgeMinimum answers must be known before an endpoint's 95th percentile says
// who straggles.
const hedgeMinimum = 20

// race makes an attempt. With hedging on, one that takes longer than 95 of 100
// did gets a rival at another endpoint that is free; the first answer wins and
// the other call is cancelled, counted and forgotten. Failures of both are
// returned.
func (c *call) race(ctx context.Context, l *lease) []result {
	delay := c.hedgeDelay(l.endpoint)
	if delay == 0 {
		return []result{c.sendTo(ctx, l)}
	}
	ctx, cancel := context.WithCancel(ctx)
	ends := make(chan result, 2)
	go func() { ends <- c.sendSafely(ctx, l) }()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	running, account := 1, accountOf(ctx)
	var out []result
	for running > 0 {
		select {
		case <-timer.C:
			if rival := c.rival(account, l.endpoint); rival != nil {
				running++
				go func() { ends <- c.sendSafely(ctx, rival) }()
			}
		case r := <-ends:
			running--
			out = append(out, r)
			if r.kind == answered {
				cancel()
				c.countLosers(account, ends, running)
				return out
			}
			timer.Stop()
		}
	}
	cancel()
	return out
}

// rival takes another endpoint, when one is free and the budgets have room for a
// call more; nil otherwise.
func (c *call) rival(account *Account, busy *endpoint) *lease {
	if !account.tryReserve(c.expect) {
		return nil
	}
	l := c.d.scheduler.tryAcquire(&c.want, busy)
	if l == nil {
		account.settle(c.expect, spend{})
	}
	return l
}

// sendSafely is sendTo on a goroutine of its own, where a panic of the host's
// function would end the process.
func (c *call) sendSafely(ctx context.Context, l *lease) (r result) {
	r = result{at: c.index(l.endpoint), outcome: &outcome{kind: failed, message: "the call panicked", sent: true}}
	defer func() {
		if p := recover(); p != nil {
			c.d.log.Error("a call panicked", "endpoint", l.endpoint.config.Name, "panic", p)
		}
	}()
	return c.sendTo(ctx, l)
}

func (c *call) hedgeDelay(e *endpoint) time.Duration {
	if !c.d.hedge || len(c.want.eligible) < 2 {
		return 0
	}
	c.d.scheduler.mu.Lock()
	defer c.d.scheduler.mu.Unlock()
	if e.answered < hedgeMinimum {
		return 0
	}
	return e.quantile(0.95)
}

// countLosers books what the cancelled rival cost, when it has ended.
func (c *call) countLosers(account *Account, ends <-chan result, running int) {
	if running == 0 {
		return
	}
	go func() { c.settle(account, <-ends) }()
}
