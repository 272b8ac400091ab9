package dispatcher

import (
	"context"
	"errors"
)

// Skeleton: the bodies are to be written; the signatures are what the rooms
// above are built against.

var errUnbuilt = errors.New("dispatcher: not built yet")

// Dispatcher sends model calls to endpoints. Safe for concurrent use.
type Dispatcher struct{}

// New checks the endpoints and opens the cache. It calls no endpoint; unset
// keys are errors at first use.
func New(cfg Config) (*Dispatcher, error) { return nil, errUnbuilt }

// Chat answers one request: from the cache, or from an endpoint.
func (d *Dispatcher) Chat(ctx context.Context, req Request) (Reply, error) {
	return Reply{}, errUnbuilt
}

// Embed answers one vector per text.
func (d *Dispatcher) Embed(ctx context.Context, req EmbedRequest) (EmbedReply, error) {
	return EmbedReply{}, errUnbuilt
}

// SetHost adds (or replaces) the endpoint named "host".
func (d *Dispatcher) SetHost(complete HostComplete) {}

// Status is a snapshot, in the order of the config.
func (d *Dispatcher) Status() []EndpointStatus { return nil }

// Probe asks each endpoint nothing but whether it can be reached with its key
// (used by `check`).
func (d *Dispatcher) Probe(ctx context.Context, endpoint, model string) error { return errUnbuilt }

// Door is nil unless Config.Listen was set.
func (d *Dispatcher) Door() *Door { return nil }

// Close waits for nothing: it cancels what is in flight and closes the cache.
func (d *Dispatcher) Close() error { return nil }

// Account adds up the usage of a call tree and holds it to a budget.
type Account struct{}

// WithAccount returns a context whose calls are counted in a new account (and
// in the accounts of ctx) and refused with *BudgetError once budget is spent.
func WithAccount(ctx context.Context, budget Budget) (context.Context, *Account) {
	return ctx, &Account{}
}

// Usage is what was counted so far.
func (a *Account) Usage() Usage { return Usage{} }
