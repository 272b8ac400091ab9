package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/qdrantlock"
)

// call is one method call under way: its context with timeout and account, and
// what its model calls inherit.
type call struct {
	ctx      context.Context
	cancel   context.CancelFunc
	account  *dispatcher.Account
	budget   dispatcher.Budget
	priority dispatcher.Priority
	job      string
	fresh    bool
	trace    string
	start    time.Time

	mu   sync.Mutex
	last api.Progress // reported
}

// begin opens a call of the named method. The caller defers c.cancel and sends
// every error through c.fault.
func (e *Engine) begin(ctx context.Context, method string, p api.Call, priority dispatcher.Priority, b *dispatcher.Budget) (*call, error) {
	c := &call{priority: priority, fresh: p.Fresh, trace: p.Trace, start: time.Now(), cancel: func() {}}
	c.job = fmt.Sprintf("%s-%d", method, e.jobs.Add(1))
	if p.TimeoutS != nil {
		if *p.TimeoutS <= 0 {
			return nil, &api.ParamError{Param: "timeout_s", Expected: "more than 0 seconds", Found: fmt.Sprint(*p.TimeoutS)}
		}
		ctx, c.cancel = context.WithTimeoutCause(ctx, seconds(*p.TimeoutS), &api.TimeoutError{Seconds: *p.TimeoutS})
	}
	if b != nil {
		if b.MaxCalls < 0 || b.MaxTokens < 0 || b.MaxUSD < 0 {
			c.cancel()
			return nil, &api.ParamError{Param: "budget", Expected: "limits of at least 0", Found: fmt.Sprintf("%+v", *b)}
		}
		c.budget = *b
	}
	c.ctx, c.account = dispatcher.WithAccount(ctx, c.budget)
	if p.Trace != "" {
		e.log.Debug("call", "method", method, "job", c.job, "trace", p.Trace)
	}
	return c, nil
}

// usage is what the call has sent so far.
func (c *call) usage() api.Usage { return c.account.Usage() }

// apart is the same call with an account of its own in between, and what that
// comes to.
func (c *call) apart() (*call, func() api.Usage) {
	ctx, account := dispatcher.WithAccount(c.ctx, dispatcher.Budget{})
	return &call{ctx: ctx, cancel: func() {}, account: account, budget: c.budget, priority: c.priority, job: c.job,
		fresh: c.fresh, trace: c.trace, start: c.start}, account.Usage
}

// progress reports, with the usage so far if models were asked. Of a stage's
// reports from several goroutines, one that comes late is dropped.
func (c *call) progress(stage string, done, total int, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stage == c.last.Stage && done < c.last.Done {
		return
	}
	c.last = api.Progress{Stage: stage, Done: done, Total: total, Message: message}
	c.emit()
}

// finished is what the last report counted as done, at least 1.
func (c *call) finished() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(1, c.last.Done)
}

// beat reports the same again with the usage of now: a run of several calls to a
// slow model is no silence.
func (c *call) beat() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.Stage != "" && c.last.Done < c.last.Total {
		c.emit()
	}
}

func (c *call) emit() {
	if u := c.usage(); u.Calls+u.Cached > 0 {
		c.last.Usage = &u
	}
	api.Report(c.ctx, c.last)
}

// fault turns what went wrong inside into this package's errors. A call whose
// context ended says so, whatever error that caused on the way.
func (c *call) fault(err error) error {
	if err == nil {
		return nil
	}
	if c.ctx.Err() != nil {
		return ended(c.ctx)
	}
	var budget *dispatcher.BudgetError
	if errors.As(err, &budget) {
		return &api.BudgetSpent{Usage: c.usage(), Budget: c.budget}
	}
	return replyFault(err)
}

// ended says how a finished context ended.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	var timeout *api.TimeoutError
	if errors.As(cause, &timeout) {
		return timeout
	}
	if errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("the call was given up: %w", cause)
	}
	return fmt.Errorf("the call was given up: %w (%w)", cause, ctx.Err())
}

// replyFault gives unusable replies one type, wherever they were noticed.
func replyFault(err error) error {
	var parsed *program.ReplyError
	if errors.As(err, &parsed) {
		return &api.ReplyError{Role: parsed.Role, Reply: parsed.Reply, Reason: parsed.Predictor + ": " + parsed.Reason}
	}
	var sent *dispatcher.ReplyError
	if errors.As(err, &sent) {
		return &api.ReplyError{Role: sent.Role, Reply: sent.Reply, Reason: sent.Reason}
	}
	return err
}

// stops reports whether an error ends the whole job rather than one example:
// the call is over, its budget is spent, or the next example would meet the
// same fault (no endpoint alive, an unusable store or file, a wrong parameter).
func (c *call) stops(err error) bool {
	var budget *dispatcher.BudgetError
	var store *qdrantlock.StoreError
	var locked *qdrantlock.LockedError
	var file *api.FileError
	var param *api.ParamError
	switch {
	case c.ctx.Err() != nil, errors.As(err, &budget), errors.As(err, &store), errors.As(err, &locked),
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

// requireText: a parameter that must hold more than blanks.
func requireText(param, value string) error {
	if strings.TrimSpace(value) == "" {
		return &api.ParamError{Param: param, Expected: "a text", Found: "an empty one"}
	}
	return nil
}

// intParam reads an optional whole number within bounds.
func intParam(param string, value *int, otherwise, low, high int) (int, error) {
	if value == nil {
		return otherwise, nil
	}
	if *value < low || *value > high {
		expected := fmt.Sprintf("a whole number from %d to %d", low, high)
		if high == anyNumber {
			expected = fmt.Sprintf("a whole number of at least %d", low)
		}
		return 0, &api.ParamError{Param: param, Expected: expected, Found: fmt.Sprint(*value)}
	}
	return *value, nil
}

// anyNumber is no upper bound.
const anyNumber = int(^uint(0) >> 1)
