package dispatcher

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"
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
	want   want
	names  string // of the eligible endpoints
	flow   string
	expect cost
	send   func(ctx context.Context, b backend) *outcome
	role   string
	model  string
	trace  string
	id     string

	first    time.Time // of the first failure
	messages []string  // the last failure of each eligible endpoint; nil: none
	unusable *outcome  // the last reply that could not be used
	spent    spend
}

// result is one attempt's end; at is the endpoint's index in want.eligible.
type result struct {
	at int
	*outcome
}

func (d *Dispatcher) newCall(eligible []target, p Priority, job string, tokens int) call {
	names := make([]string, len(eligible))
	for i, e := range eligible {
		names[i] = e.config.Name
	}
	if p < Interactive || p > Batch {
		p = Batch
	}
	c := call{d: d, names: strings.Join(names, "\x00"), id: "c" + strconv.FormatUint(d.calls.Add(1), 10)}
	c.flow = job + "\x00" + c.names
	c.want = want{eligible: eligible, job: job, flow: c.flow, priority: p, tokens: tokens, tries: make([]int, len(eligible))}
	c.expect = cost{calls: 1, tokens: tokens}
	for _, e := range eligible {
		in, _ := e.config.price(tokens, 0)
		out, _ := e.config.price(0, tokens)
		c.expect.usd = max(c.expect.usd, in, out)
	}
	return c
}

// hurry makes the call as urgent as one that joined it.
func (c *call) hurry(by *call) { c.d.scheduler.raise(&c.want, by.want.priority, by.want.order) }

// ask tries until an endpoint answers, and says which by its index. Its context
// ends with the dispatcher's life.
func (c *call) ask(ctx context.Context) (int, answer, error) {
	c.want.seq = c.d.scheduler.arrival()
	for {
		results, err := c.attempt(ctx)
		if err == errHopeless {
			return 0, answer{}, c.failure()
		}
		if err != nil {
			return 0, answer{}, err
		}
		for _, r := range results {
			if r.kind == answered {
				return r.at, r.answer, nil
			}
			c.note(r)
		}
		if ctx.Err() != nil {
			return 0, answer{}, context.Cause(ctx)
		}
		if err := c.rest(ctx); err != nil {
			return 0, answer{}, err
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
	spent := spendOf(c.want.eligible[r.at].endpoint, r.outcome)
	account.settle(c.expect, spent)
	return spent
}

// acquire waits for an endpoint. Time spent waiting for a limit does not count
// against the time that a failed call has left.
func (c *call) acquire(ctx context.Context) (*lease, error) {
	began := time.Now()
	deadline := began.Add(retryFor)
	if !c.first.IsZero() {
		deadline = c.first.Add(retryFor)
	}
	l, err := c.d.scheduler.acquire(ctx, &c.want, deadline)
	if !c.first.IsZero() && !c.want.wasStuck {
		c.first = c.first.Add(time.Since(began))
	}
	return l, err
}

// sendTo makes one attempt and gives its lease back.
func (c *call) sendTo(ctx context.Context, l *lease) result {
	e := l.endpoint
	limit := e.config.Timeout
	if !c.first.IsZero() {
		limit = min(limit, max(time.Second, time.Until(c.first.Add(giveUpAfter))))
	}
	ctx, cancel := attemptTimeout(ctx, limit)
	defer cancel()
	o := &outcome{kind: failed, message: "the call panicked", sent: true}
	defer func() { c.report(l, o, c.d.scheduler.release(l, o)) }()
	o = c.send(ctx, e.backend)
	return result{at: c.index(e), outcome: o}
}

func (c *call) index(e *endpoint) int {
	for i, other := range c.want.eligible {
		if other.endpoint == e {
			return i
		}
	}
	return 0
}

// report logs an attempt; a key that died is worth a warning.
func (c *call) report(l *lease, o *outcome, changed string) {
	log, name := c.d.log, l.endpoint.config.Name
	switch {
	case changed == "dead":
		log.Warn("endpoint is dead", "endpoint", name, "reason", o.message)
	case changed == "cooling":
		log.Info("endpoint is cooling", "endpoint", name, "reason", o.message)
	case changed == "ready":
		log.Info("endpoint is ready again", "endpoint", name)
	}
	if log.IsDebug() {
		log.Debug("call", "id", c.id, "endpoint", name, "role", c.role, "model", c.model, "trace", c.trace,
			"ms", time.Since(l.at).Milliseconds(), "tokens", o.answer.promptTokens+o.answer.completionTokens, "error", o.message)
	}
}

// note remembers a failure. A refusal that will not change counts for all the
// tries that an endpoint has; an unusable reply, which was paid, for half.
func (c *call) note(r result) {
	weight := 0
	switch r.kind {
	case failed:
		weight = 1
	case unusable:
		weight, c.unusable = maxTries/2, r.outcome
	case rejected, missing, denied:
		weight = maxTries
	}
	if weight == 0 {
		return // a limit, or a call given up: no failure
	}
	if c.messages == nil {
		c.messages = make([]string, len(c.want.eligible))
	}
	c.messages[r.at] = r.message
	c.want.tries[r.at] += weight
	if c.first.IsZero() {
		c.first = time.Now()
	}
	c.want.flow = c.flow + "\x00" + triesName(c.want.tries)
}

// triesName keeps retries in a flow of those that may go to the same places.
func triesName(tries []int) string {
	b := make([]byte, len(tries))
	for i, n := range tries {
		b[i] = '0' + byte(min(n, maxTries))
	}
	return string(b)
}

// rest waits before the same endpoint is asked again; another is asked at once.
func (c *call) rest(ctx context.Context) error {
	hopeless, untried := c.d.scheduler.outlook(&c.want)
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
	rounds := maxTries
	for _, n := range c.want.tries {
		rounds = min(rounds, n)
	}
	return jitter(time.Duration(0.4 * math.Pow(2.5, float64(max(0, rounds-1))) * float64(time.Second)))
}

// failure is the call's end without an answer.
func (c *call) failure() error {
	if c.unusable != nil {
		reply := c.unusable.answer.text
		return &ReplyError{Role: c.role, Reply: reply, Reason: c.unusable.message}
	}
	return &NoEndpointError{Model: c.model, Endpoints: c.d.scheduler.failures(&c.want, c.messages)}
}
