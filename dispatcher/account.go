package dispatcher

import (
	"context"
	"errors"
	"sync"
)

// Account adds up the usage of a call tree and holds it to a budget.
type Account struct {
	parent *Account
	budget Budget

	mu      sync.Mutex
	spent   spend
	pending cost          // reserved by calls under way
	changed chan struct{} // closed when pending shrinks; nil without waiters
}

// spend is a Usage that adds up.
type spend struct {
	calls, cached                  int
	promptTokens, completionTokens int
	usd                            float64
	unpriced                       bool // of a sent call no price is known
}

func (s *spend) add(t spend) {
	s.calls += t.calls
	s.cached += t.cached
	s.promptTokens += t.promptTokens
	s.completionTokens += t.completionTokens
	s.usd += t.usd
	s.unpriced = s.unpriced || t.unpriced
}

func (s spend) tokens() int { return s.promptTokens + s.completionTokens }

func (s spend) usage() Usage {
	u := Usage{Calls: s.calls, Cached: s.cached, PromptTokens: s.promptTokens, CompletionTokens: s.completionTokens}
	if !s.unpriced {
		u.USD = &s.usd
	}
	return u
}

// cachedReply is what one reply costs that was not sent.
var cachedReply = spend{cached: 1}

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
	return a.spent.usage()
}

// reserve sets c aside in a and its parents, or fails with *BudgetError. Where
// the budget would only just hold if calls under way cost less than expected,
// it waits for them: a budget is not overdrawn by many calls at once, and by
// one call at most.
func (a *Account) reserve(ctx context.Context, c cost) error {
	return a.reserveAll(c, func(at *Account) error {
		for {
			wait, err := at.reserveHere(c)
			if wait == nil {
				return err
			}
			select {
			case <-wait:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	})
}

// tryReserve is reserve for what can be done without: it does not wait.
func (a *Account) tryReserve(c cost) bool {
	return a.reserveAll(c, func(at *Account) error {
		if wait, err := at.reserveHere(c); wait != nil || err != nil {
			return errNoRoom
		}
		return nil
	}) == nil
}

var errNoRoom = errors.New("the budget has no room now")

// reserveAll reserves in a and its parents, or in none of them.
func (a *Account) reserveAll(c cost, reserve func(*Account) error) error {
	for at := a; at != nil; at = at.parent {
		if err := reserve(at); err != nil {
			for back := a; back != at; back = back.parent {
				back.unreserve(c)
			}
			return err
		}
	}
	return nil
}

// reserveHere reserves in one account, fails, or says what to wait for.
func (a *Account) reserveHere(c cost) (wait <-chan struct{}, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.spentOut():
		return nil, &BudgetError{Usage: a.spent.usage(), Budget: a.budget}
	case a.pending.calls == 0 || a.fits(c):
		a.pending.add(c, 1)
		return nil, nil
	case a.changed == nil:
		a.changed = make(chan struct{})
	}
	return a.changed, nil
}

func (a *Account) spentOut() bool {
	b := a.budget
	return b.MaxCalls > 0 && a.spent.calls >= b.MaxCalls ||
		b.MaxTokens > 0 && a.spent.tokens() >= b.MaxTokens ||
		b.MaxUSD > 0 && a.spent.usd >= b.MaxUSD
}

func (a *Account) fits(c cost) bool {
	b, p := a.budget, a.pending
	return (b.MaxCalls == 0 || a.spent.calls+p.calls+c.calls <= b.MaxCalls) &&
		(b.MaxTokens == 0 || a.spent.tokens()+p.tokens+c.tokens <= b.MaxTokens) &&
		(b.MaxUSD == 0 || a.spent.usd+p.usd+c.usd <= b.MaxUSD)
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

// settle counts what was spent in a and its parents and gives the reservation
// back.
func (a *Account) settle(c cost, spent spend) {
	for at := a; at != nil; at = at.parent {
		at.count(spent)
		at.unreserve(c)
	}
}

// add counts what nothing was reserved for.
func (a *Account) add(spent spend) {
	for at := a; at != nil; at = at.parent {
		at.count(spent)
	}
}

func (a *Account) count(spent spend) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spent.add(spent)
}

// price of tokens at an endpoint; false when it is not known.
func (e Endpoint) price(prompt, completion int) (usd float64, known bool) {
	if prompt > 0 && e.USDPerMTokIn == nil || completion > 0 && e.USDPerMTokOut == nil {
		return 0, false
	}
	if prompt > 0 {
		usd += float64(prompt) * *e.USDPerMTokIn / 1e6
	}
	if completion > 0 {
		usd += float64(completion) * *e.USDPerMTokOut / 1e6
	}
	return usd, true
}
