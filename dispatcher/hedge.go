package dispatcher

import (
	"context"
	"time"

	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/schedule"
)

// hedgeMinimum answers must be known before an endpoint's 95th percentile says
// who straggles.
const hedgeMinimum = 20

// race makes an attempt. With hedging on, one that takes longer than 95 of 100
// did gets a rival at another endpoint that is free; the first answer wins and
// the other call is cancelled, counted and forgotten. Failures of both are
// returned.
func (c *call) race(ctx context.Context, l *schedule.Lease) []result {
	delay := c.hedgeDelay(l.Endpoint)
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
			if rival := c.rival(account, l.Endpoint); rival != nil {
				running++
				go func() { ends <- c.sendSafely(ctx, rival) }()
			}
		case r := <-ends:
			running--
			out = append(out, r)
			if r.Kind == outcome.Answered {
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
func (c *call) rival(account *Account, busy *schedule.Endpoint) *schedule.Lease {
	if !account.tryReserve(c.expect) {
		return nil
	}
	l := c.d.scheduler.TryAcquire(&c.want, busy)
	if l == nil {
		account.settle(c.expect, spend{})
	}
	return l
}

// sendSafely is sendTo on a goroutine of its own, where a panic of the host's
// function would end the process.
func (c *call) sendSafely(ctx context.Context, l *schedule.Lease) (r result) {
	r = result{l.Index, panicked()}
	defer func() {
		if p := recover(); p != nil {
			c.d.log.Error("a call panicked", "endpoint", l.Name, "panic", p)
		}
	}()
	return c.sendTo(ctx, l)
}

// hedgeDelay is after how long a call straggles; 0: nobody knows, or wants to.
func (c *call) hedgeDelay(e *schedule.Endpoint) time.Duration {
	if !c.d.hedge || len(c.want.Eligible) < 2 {
		return 0
	}
	return c.d.scheduler.Quantile(e, 0.95, hedgeMinimum)
}

// countLosers books what the cancelled rival cost, when it has ended.
func (c *call) countLosers(account *Account, ends <-chan result, running int) {
	if running == 0 {
		return
	}
	go func() { c.settle(account, <-ends) }()
}
