package lm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/qdrantlock"
)

// Call is one method call under way: what its model calls inherit, what they come
// to, and where it reports. Its context travels beside it, from Begin on.
type Call struct {
	Fresh bool
	Trace string
	Start time.Time

	account  *dispatcher.Account
	budget   dispatcher.Budget
	priority dispatcher.Priority
	job      string
	report   func(api.Progress)
	cancel   context.CancelFunc

	mu   sync.Mutex
	last api.Progress // reported
}

// End frees what Begin took; whoever began a call defers it.
func (c *Call) End() { c.cancel() }

// Usage is what the call has sent so far.
func (c *Call) Usage() api.Usage { return c.account.Usage() }

// Apart gives a context whose model calls are also counted by themselves, and what
// they come to so far.
func Apart(ctx context.Context) (context.Context, func() api.Usage) {
	ctx, account := dispatcher.WithAccount(ctx, dispatcher.Budget{})
	return ctx, account.Usage
}

// Progress reports, with the usage so far if models were asked. Of a stage's
// reports from several goroutines, one that comes late is dropped.
func (c *Call) Progress(stage string, done, total int, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stage == c.last.Stage && done < c.last.Done {
		return
	}
	c.last = api.Progress{Stage: stage, Done: done, Total: total, Message: message}
	c.emit()
}

// Finished is what the last report counted as done, at least 1.
func (c *Call) Finished() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(1, c.last.Done)
}

// beat reports the same again with the usage of now: a run of several calls to a
// slow model is no silence.
func (c *Call) beat() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.Stage != "" && c.last.Done < c.last.Total {
		c.emit()
	}
}

func (c *Call) emit() {
	if u := c.Usage(); u.Calls+u.Cached > 0 {
		c.last.Usage = &u
	}
	c.report(c.last)
}

// Fault turns what went wrong inside into the errors of package api. A call whose
// context ended says so, whatever error that caused on the way.
func (c *Call) Fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return api.Ended(ctx)
	}
	if budget := new(api.BudgetError); errors.As(err, &budget) { // with the call's own figures
		return &api.BudgetError{Usage: c.Usage(), Budget: c.budget}
	}
	if reply := new(api.ReplyError); errors.As(err, &reply) {
		given := *reply
		given.GivenUp = true
		return &given
	}
	return err
}

// Stops reports whether an error ends the whole job rather than one example:
// the call is over, its budget is spent, or the next example would meet the
// same fault (no endpoint alive, an unusable store or file, a wrong parameter).
func (c *Call) Stops(ctx context.Context, err error) bool {
	var budget *api.BudgetError
	var store *qdrantlock.StoreError
	var locked *qdrantlock.LockedError
	var file *api.FileError
	var param *api.ParamError
	switch {
	case ctx.Err() != nil, errors.As(err, &budget), errors.As(err, &store), errors.As(err, &locked),
		errors.As(err, &file), errors.As(err, &param):
		return true
	}
	return allDead(err)
}

// allDead: no endpoint will answer anything soon, as opposed to all of them
// having refused this one request.
func allDead(err error) bool {
	var none *dispatcher.NoEndpointError
	if !errors.As(err, &none) {
		return false
	}
	for _, e := range none.Endpoints {
		if e.State != "dead" {
			return false
		}
	}
	return true
}

// Begin opens a call of the named method, and gives the context that everything
// under it runs with: with the call's timeout and account. The caller defers
// [Call.End] and sends every error through [Call.Fault].
func (m *Models) Begin(ctx context.Context, method string, p api.Call, priority dispatcher.Priority, b *dispatcher.Budget) (context.Context, *Call, error) {
	c := &Call{priority: priority, Fresh: p.Fresh, Trace: p.Trace, Start: time.Now(), report: api.Reporter(ctx), cancel: func() {}}
	c.job = fmt.Sprintf("%s-%d", method, m.jobs.Add(1))
	if p.TimeoutS != nil && *p.TimeoutS <= 0 {
		return nil, nil, &api.ParamError{Param: "timeout_s", Expected: "more than 0 seconds", Found: fmt.Sprint(*p.TimeoutS)}
	}
	if b != nil {
		if b.MaxCalls < 0 || b.MaxTokens < 0 || b.MaxUSD < 0 {
			return nil, nil, &api.ParamError{Param: "budget", Expected: "limits of at least 0", Found: fmt.Sprintf("%+v", *b)}
		}
		c.budget = *b
	}
	if p.TimeoutS != nil {
		ctx, c.cancel = context.WithTimeoutCause(ctx, Seconds(*p.TimeoutS), &api.TimeoutError{Seconds: *p.TimeoutS})
	}
	ctx, c.account = dispatcher.WithAccount(ctx, c.budget)
	if p.Trace != "" {
		m.log.Debug("call", "method", method, "job", c.job, "trace", p.Trace)
	}
	return ctx, c, nil
}
