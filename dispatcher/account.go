package dispatcher

import (
	"context"
	"sync"
)

// Account adds up the usage of a call tree and holds it to a budget.
type Account struct {
	parent *Account
	budget Budget

	mu      sync.Mutex
	spent   Usage
	unknown bool // a sent call had no price
	usd     float64
	pending cost          // reserved by calls under way
	changed chan struct{} // closed when pending shrinks; nil without waiters
}

// cost is what one call uses, or is expected to.
type cost struct {
	calls, tokens int
	usd           float64
}

type accountKey struct{}

// WithAccount returns a context whose calls are counted in a new account (and
// in the accounts of ctx) and refused with *BudgetError once budget is spent.
func WithAccount(ctx context.Context, budget Budget) (context.Context, *Account) {
	a := &Account{parent: accountOf(ctx), budget: budget}
	return context.WithValue(ctx, accountKey{}, a), a
}

func accountOf(ctx context.Context) *Account {
	a, _ := ctx.Value(accountKey{}).(*Account)
	return a
}

// Usage is what was counted so far.
func (a *Account) Usage() Usage {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.usage()
}

func (a *Account) usage() Usage {
	u := a.spent
	if !a.unknown {
		usd := a.usd
		u.USD = &usd
	}
	return u
}

// reserve sets c aside in a and its parents, or fails with *BudgetError. Where
// the budget would only just hold if calls under way cost less than expected,
// it waits for them: a budget is not overdrawn by many calls at once, and by
// one call at most.
func (a *Account) reserve(ctx context.Context, c cost) error {
	for at := a; at != nil; at = at.parent {
		if err := at.reserveHere(ctx, c); err != nil {
			for back := a; back != at; back = back.parent {
				back.unreserve(c)
			}
			return err
		}
	}
	return nil
}

func (a *Account) reserveHere(ctx context.Context, c cost) error {
	for {
		a.mu.Lock()
		switch {
		case a.spentOut():
			u, b := a.usage(), a.budget
			a.mu.Unlock()
			return &BudgetError{Usage: u, Budget: b}
		case a.pending.calls == 0 || a.fits(c):
			a.pending.add(c, 1)
			a.mu.Unlock()
			return nil
		}
		if a.changed == nil {
			a.changed = make(chan struct{})
		}
		changed := a.changed
		a.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (a *Account) spentOut() bool {
	b := a.budget
	return b.MaxCalls > 0 && a.spent.Calls >= b.MaxCalls ||
		b.MaxTokens > 0 && a.spent.PromptTokens+a.spent.CompletionTokens >= b.MaxTokens ||
		b.MaxUSD > 0 && a.usd >= b.MaxUSD
}

func (a *Account) fits(c cost) bool {
	b, p := a.budget, a.pending
	return (b.MaxCalls == 0 || a.spent.Calls+p.calls+c.calls <= b.MaxCalls) &&
		(b.MaxTokens == 0 || a.spent.PromptTokens+a.spent.CompletionTokens+p.tokens+c.tokens <= b.MaxTokens) &&
		(b.MaxUSD == 0 || a.usd+p.usd+c.usd <= b.MaxUSD)
}

func (c *cost) add(d cost, sign int) {
	c.calls += sign * d.calls
	c.tokens += sign * d.tokens
	c.usd += float64(sign) * d.usd
}

func (a *Account) unreserve(c cost) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending.add(c, -1)
	if a.changed != nil {
		close(a.changed)
		a.changed = nil
	}
}

// settle counts u in a and its parents and gives the reservation back.
func (a *Account) settle(c cost, u Usage) {
	for at := a; at != nil; at = at.parent {
		at.count(u)
		at.unreserve(c)
	}
}

// add counts u, for which nothing was reserved.
func (a *Account) add(u Usage) {
	for at := a; at != nil; at = at.parent {
		at.count(u)
	}
}

func (a *Account) count(u Usage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spent.Calls += u.Calls
	a.spent.Cached += u.Cached
	a.spent.PromptTokens += u.PromptTokens
	a.spent.CompletionTokens += u.CompletionTokens
	if u.USD != nil {
		a.usd += *u.USD
	} else if u.Calls > 0 {
		a.unknown = true
	}
}

// plus adds two usages; an unknown price stays unknown.
func (u Usage) plus(v Usage) Usage {
	sum := &Account{}
	sum.count(u)
	sum.count(v)
	return sum.usage()
}

// cachedUsage is the usage of one reply that was not sent.
func cachedUsage(n int) Usage {
	zero := 0.0
	return Usage{Cached: n, USD: &zero}
}

// price of tokens at an endpoint; nil when it is not known.
func (e Endpoint) price(prompt, completion int) *float64 {
	usd := 0.0
	for _, part := range []struct {
		tokens int
		price  *float64
	}{{prompt, e.USDPerMTokIn}, {completion, e.USDPerMTokOut}} {
		if part.tokens == 0 {
			continue
		}
		if part.price == nil {
			return nil
		}
		usd += float64(part.tokens) * *part.price / 1e6
	}
	return &usd
}

// usageOf is what an outcome cost at an endpoint.
func usageOf(e Endpoint, o outcome) Usage {
	zero := 0.0
	u := Usage{USD: &zero}
	if !o.sent {
		return u
	}
	u.Calls = 1
	u.PromptTokens, u.CompletionTokens = o.answer.promptTokens, o.answer.completionTokens
	u.USD = e.price(u.PromptTokens, u.CompletionTokens)
	return u
}
