package limits

import "time"

// Endpoint is what is known of the limits at one endpoint, which is an API with one
// key: those of each model, or of all models together. Not safe for concurrent use.
type Endpoint struct {
	name, address string

	models map[string]*Model // by our name
	shared *allowance        // of all models, where it is configured; else nil
	common *allowance        // of all models, where headers tell of one; see evidence.go
	apart  bool              // headers tell each model its own
	proof  evidence          // of that
	all    []*allowance      // shared or common alone, or one for each model
}

// Config names an endpoint and the limits that it is known to have.
type Config struct {
	Name, Address string // for findings; no secret is to be in them
	RPM, TPM      int    // of all models together; 0: not known, so learned
}

// New is an endpoint of which nothing is known beyond the config.
func New(c Config) *Endpoint {
	e := &Endpoint{name: c.Name, address: c.Address, models: map[string]*Model{}}
	if c.RPM > 0 || c.TPM > 0 {
		e.shared = newAllowance("", c.RPM, c.TPM)
		e.all = []*allowance{e.shared}
	}
	return e
}

// Closed: 429s keep calls of every model away.
func (e *Endpoint) Closed(now time.Time) bool {
	for _, a := range e.all {
		if !a.closed(now) {
			return false
		}
	}
	return len(e.all) > 0
}

// Use is what the last 60 seconds used, and the limits; 0: not known, and of
// several models' the highest.
type Use struct {
	Requests, RequestLimit int
	Tokens, TokenLimit     int
}

// Use sums up all models.
func (e *Endpoint) Use(now time.Time) (u Use) {
	for _, a := range e.all {
		u.Requests += a.minute.requests.sum(now)
		u.Tokens += a.minute.tokens.sum(now)
		u.RequestLimit = max(u.RequestLimit, a.perMinute())
		u.TokenLimit = max(u.TokenLimit, a.tokens.perMinute())
	}
	return u
}

// Held is what calls hold: how many are under way, and how long the tokens that are
// owed take to be earned, at the most indebted limit.
func (e *Endpoint) Held(now time.Time) (inFlight int, owed time.Duration) {
	for _, a := range e.all {
		inFlight += a.inFlight
		owed = max(owed, a.tokens.next.Sub(now))
	}
	return inFlight, owed
}

// Model is one model at an endpoint. Models have limits of their own, and a limited
// one says nothing of another, unless they are known to share one.
type Model struct {
	of     *Endpoint
	under  *allowance // its own, or the endpoint's
	own    bucket     // requests under the limit that headers tell, were it the model's own
	hinted Hints      // of the last reply
}

// Model is made at the model's first call.
func (e *Endpoint) Model(name string) *Model {
	m := e.models[name]
	if m == nil {
		m = &Model{of: e, under: e.shared}
		switch {
		case e.shared != nil:
		case e.common != nil:
			m.under, m.own.burst = e.common, burstMax
		default:
			m.under = e.allowanceOf(name)
		}
		e.models[name] = m
	}
	return m
}

// allowanceOf a model, where none is configured.
func (e *Endpoint) allowanceOf(model string) *allowance {
	for _, a := range e.all {
		if a.model == model {
			return a
		}
	}
	a := newAllowance(model, 0, 0)
	e.all = append(e.all, a)
	return a
}

// ReadyAt is when the next call is allowed; a time that has passed: now.
func (m *Model) ReadyAt() time.Time { return m.under.readyAt() }

// Closed: a 429 keeps calls away.
func (m *Model) Closed(now time.Time) bool { return m.under.closed(now) }

// Full: after a 429, one call decides whether others follow, and it is under way.
func (m *Model) Full() bool { return m.under.full() }

// Why is what keeps the next call away, for people; "" nothing.
func (m *Model) Why(now time.Time) string { return m.under.why(now) }

// Shares reports whether two models are under one limit.
func (m *Model) Shares(other *Model) bool { return m.under == other.under }

// Taken is one call's part of the limits. It goes back by Settle or Return.
type Taken struct {
	under  *allowance // that it was sent under
	tokens int        // reserved
	owed   owed
}

// Tokens are those that the call reserved.
func (t Taken) Tokens() int { return t.tokens }

// Take counts a call that is sent, with the tokens that it may use.
func (m *Model) Take(now time.Time, tokens int) Taken {
	m.under.take(now, tokens)
	m.own.take(now, 1)
	return Taken{m.under, tokens, owed{all: m.under.requests.owes(now), own: m.own.owes(now)}}
}

// Settle ends a call that used so many tokens.
func (m *Model) Settle(now time.Time, t Taken, used int) { t.under.settle(now, t.tokens, used) }

// Return ends a call that was not sent after all.
func (m *Model) Return(t Taken) {
	t.under.unuse(t.tokens)
	m.own.refund(1)
}

// TooLarge reports whether a call reserves so much more than a minute's tokens
// (perMinute) that no waiting makes room for it.
func (m *Model) TooLarge(t Taken) (perMinute float64, yes bool) {
	perMinute = t.under.tokens.perSecond * 60
	return perMinute, perMinute > 0 && float64(t.tokens) > 1.25*perMinute
}

// Answered notes an answer: a limit that is a finding grows with it.
func (m *Model) Answered(now time.Time) { m.under.learn.answered(&m.under.requests, now) }

// Works notes that the endpoint took a call, whatever it said.
func (m *Model) Works() { m.under.refusals = 0 }

// Refused notes a 429 to a call that was sent at a time, when so many older ones
// under the same limit were in flight. It counts once for all calls that were
// under way when it came.
func (m *Model) Refused(now, sent time.Time, h Hints, older int) (counts bool) {
	return m.under.refused(now, sent, h, older)
}

// Told takes what the headers of a call's reply say, while inFlight calls are under
// way at the endpoint.
func (m *Model) Told(now time.Time, t Taken, h Hints, inFlight int) {
	e, h := m.of, m.confirmed(h)
	if rate := h.Requests.perSecond(); rate > 0 && e.shared == nil && !e.apart {
		m.toldOwn(rate)
		switch {
		case e.differ(rate) || e.common != nil && e.proof.proves(t.owed, h.Requests, inFlight):
			e.split(now)
		case e.common == nil:
			e.join(now, m)
		}
	}
	m.under.told(now, h)
}

// FoundAt is when something was last found out about the model's limit; the zero
// time: never.
func (m *Model) FoundAt() time.Time { return m.under.foundAt }

// confirmed are those of the hints that two replies in a row gave: one reply alone
// teaches nothing, as proxies and small servers write nonsense there at times.
func (m *Model) confirmed(h Hints) Hints {
	again := func(now, before Rate) bool { return now.Limit == before.Limit }
	seen := h
	if !again(h.Requests, m.hinted.Requests) {
		h.Requests = Rate{}
	}
	if !again(h.Tokens, m.hinted.Tokens) {
		h.Tokens = Rate{}
	}
	if seen.Requests.Limit > 0 { // what a reply does not tell, it does not take back
		m.hinted.Requests = seen.Requests
	}
	if seen.Tokens.Limit > 0 {
		m.hinted.Tokens = seen.Tokens
	}
	return h
}

// toldOwn notes the limit that the model is told of.
func (m *Model) toldOwn(perSecond float64) {
	if m.own.perSecond != perSecond {
		m.own.perSecond, m.own.burst = perSecond, burstMax
	}
}

func (e *Endpoint) differ(rate float64) bool {
	for _, m := range e.models {
		if m.own.perSecond > 0 && m.own.perSecond != rate {
			return true
		}
	}
	return false
}

// join puts all models under the limit of one.
func (e *Endpoint) join(now time.Time, of *Model) {
	e.common = of.under
	e.common.model, e.common.foundAt = "", now
	for _, m := range e.models {
		if m.under != e.common {
			e.common.requests.take(now, m.under.minute.requests.recent(now))
			m.under = e.common
		}
	}
	e.all = []*allowance{e.common}
}

// split gives each model a limit of its own.
func (e *Endpoint) split(now time.Time) {
	e.apart, e.all = true, nil
	for name, m := range e.models {
		a := newAllowance(name, 0, 0)
		a.requests, a.learn.ceiling, a.learn.since = m.own, m.own.perSecond, now
		if a.requests.burst == 0 {
			a.requests.burst = burstMax
		}
		if e.common != nil {
			a.tokens = e.common.tokens
		}
		m.under = a
		e.all = append(e.all, a)
	}
	e.common = nil
}
