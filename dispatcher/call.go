package dispatcher

import (
	"context"
	"math"
	"strconv"
	"time"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/schedule"
)

// A call that failed somewhere gives up retryFor after its first failure, and
// no attempt of it goes beyond giveUpAfter: the promise is 30 s.
const (
	retryFor    = 25 * time.Second
	giveUpAfter = 28 * time.Second
)

// call is one request on its way through attempts.
type call struct {
	d      *Dispatcher
	want   schedule.Want
	expect cost
	send   func(ctx context.Context, b backend) *outcome.Outcome
	role   string
	model  string
	trace  string
	id     string

	first    time.Time        // of the first failure
	messages []string         // the last failure of each eligible endpoint; nil: none
	unusable *outcome.Outcome // the last reply that could not be used
	spent    spend
}

// result is one attempt's end; at is the endpoint's index in want.Eligible.
type result struct {
	at int
	*outcome.Outcome
}

func (d *Dispatcher) newCall(eligible []schedule.Target, p Priority, job string, tokens int) call {
	c := call{d: d, want: schedule.NewWant(eligible, p, job, tokens), id: "c" + strconv.FormatUint(d.calls.Add(1), 10)}
	c.expect = cost{calls: 1, tokens: tokens}
	for _, t := range eligible {
		e := at(t)
		in, _ := e.config.price(tokens, 0)
		out, _ := e.config.price(0, tokens)
		c.expect.usd = max(c.expect.usd, in, out)
	}
	return c
}

// ask tries until an endpoint answers, and says which by its index. Its context
// ends with the dispatcher's life.
func (c *call) ask(ctx context.Context) (int, outcome.Answer, error) {
	c.d.scheduler.Arrive(&c.want)
	for {
		results, err := c.attempt(ctx)
		if err == schedule.ErrHopeless {
			return 0, outcome.Answer{}, c.failure()
		}
		if err != nil {
			return 0, outcome.Answer{}, err
		}
		for _, r := range results {
			if r.Kind == outcome.Answered {
				return r.at, r.Answer, nil
			}
			c.note(r)
		}
		if ctx.Err() != nil {
			return 0, outcome.Answer{}, context.Cause(ctx)
		}
		if err := c.rest(ctx); err != nil {
			return 0, outcome.Answer{}, err
		}
	}
}

// attempt reserves, waits for an endpoint and sends. Each result gives its own
// reservation back.
func (c *call) attempt(ctx context.Context) ([]result, error) {
	account := accountOf(ctx)
	if err := account.reserve(ctx, c.expect); err != nil {
		return nil, err
	}
	reserved := true
	defer func() {
		if reserved { // no lease, or a panic of the host's function
			account.settle(c.expect, spend{})
		}
	}()
	l, err := c.acquire(ctx)
	if err != nil {
		return nil, err
	}
	results := c.race(ctx, l)
	reserved = false
	for _, r := range results {
		c.spent.add(c.settle(account, r))
	}
	return results, nil
}

func (c *call) settle(account *Account, r result) spend {
	spent := at(c.want.Eligible[r.at]).spendOf(r.Outcome)
	account.settle(c.expect, spent)
	return spent
}

// acquire waits for an endpoint. Time spent waiting for a limit does not count
// against the time that a failed call has left.
func (c *call) acquire(ctx context.Context) (*schedule.Lease, error) {
	began := time.Now()
	deadline := began.Add(retryFor)
	if !c.first.IsZero() {
		deadline = c.first.Add(retryFor)
	}
	l, err := c.d.scheduler.Acquire(ctx, &c.want, deadline)
	if !c.first.IsZero() && !c.want.WasStuck() {
		c.first = c.first.Add(time.Since(began))
	}
	return l, err
}

// sendTo makes one attempt and gives its lease back.
func (c *call) sendTo(ctx context.Context, l *schedule.Lease) result {
	e := at(l.Target)
	limit := e.config.Timeout
	if !c.first.IsZero() {
		limit = min(limit, max(time.Second, time.Until(c.first.Add(giveUpAfter))))
	}
	ctx, cancel := outcome.WithTimeout(ctx, limit)
	defer cancel()
	o := panicked()
	defer func() { c.report(l, o, c.d.scheduler.Release(l, o)) }()
	o = c.send(ctx, e.backend)
	return result{l.Index, o}
}

// panicked is what became of an attempt that never returned.
func panicked() *outcome.Outcome {
	return &outcome.Outcome{Kind: outcome.Failed, Message: "the call panicked", Sent: true}
}

// report logs an attempt; a key that died is worth a warning.
func (c *call) report(l *schedule.Lease, o *outcome.Outcome, changed string) {
	log, name := c.d.log, l.Name
	switch {
	case changed == schedule.Dead:
		log.Warn("endpoint is dead", "endpoint", name, "reason", o.Message)
	case changed == schedule.Cooling:
		log.Info("endpoint is cooling", "endpoint", name, "reason", o.Message)
	case changed == schedule.Ready:
		log.Info("endpoint is ready again", "endpoint", name)
	}
	if log.IsDebug() {
		log.Debug("call", "id", c.id, "endpoint", name, "role", c.role, "model", c.model, "trace", c.trace,
			"ms", time.Since(l.At()).Milliseconds(), "tokens", o.Answer.Tokens(), "error", o.Message)
	}
}

// note remembers a failure. A refusal that will not change counts for all the
// tries that an endpoint has; an unusable reply, which was paid, for half.
func (c *call) note(r result) {
	weight := 0
	switch r.Kind {
	case outcome.Failed:
		weight = 1
	case outcome.Unusable:
		weight, c.unusable = schedule.MaxTries/2, r.Outcome
	case outcome.Rejected, outcome.Missing, outcome.Denied:
		weight = schedule.MaxTries
	}
	if weight == 0 {
		return // a limit, or a call given up: no failure
	}
	if c.messages == nil {
		c.messages = make([]string, len(c.want.Eligible))
	}
	c.messages[r.at] = r.Message
	c.want.Failed(r.at, weight)
	if c.first.IsZero() {
		c.first = time.Now()
	}
}

// rest waits before the same endpoint is asked again; another is asked at once.
func (c *call) rest(ctx context.Context) error {
	hopeless, untried := c.d.scheduler.Outlook(&c.want)
	if hopeless {
		return c.failure()
	}
	if c.first.IsZero() || untried {
		return nil
	}
	left := time.Until(c.first.Add(retryFor))
	if left <= 0 {
		return c.failure()
	}
	timer := time.NewTimer(min(left, c.backoff()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// backoff is 0.4 s after the first round of failures, then 2.5 times as long.
func (c *call) backoff() time.Duration {
	return limits.Jitter(time.Duration(0.4 * math.Pow(2.5, float64(max(0, c.want.Rounds()-1))) * float64(time.Second)))
}

// failure is the call's end without an answer.
func (c *call) failure() error {
	if c.unusable != nil {
		reply := c.unusable.Answer.Text
		return &ReplyError{Role: c.role, Reply: reply, Reason: c.unusable.Message}
	}
	return &NoEndpointError{Model: c.model, Endpoints: c.d.scheduler.Failures(&c.want, c.messages)}
}
