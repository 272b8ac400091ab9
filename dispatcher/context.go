package dispatcher

import (
	"context"
	"errors"
)

// What a caller says of all calls below a context, beside their account.

type orderKey struct{}

// WithOrder places the calls of ctx among those of their job: of those that
// wait, the lower order is served first, and the earlier among equals. Calls
// without one have order 0. A job can so have what decides most asked first
// without holding anything back.
func WithOrder(ctx context.Context, order int) context.Context {
	return context.WithValue(ctx, orderKey{}, order)
}

func orderOf(ctx context.Context) int {
	order, _ := ctx.Value(orderKey{}).(int)
	return order
}

// ErrNotCached: the reply would have to be asked for, under OnlyCached.
var ErrNotCached = errors.New("dispatcher: the reply is not in the cache, and only cached ones were wanted")

type onlyCachedKey struct{}

// OnlyCached makes Chat answer from the reply cache or, at once, with
// ErrNotCached: what is known already can be had before anything is paid for.
func OnlyCached(ctx context.Context) context.Context {
	return context.WithValue(ctx, onlyCachedKey{}, true)
}

func onlyCached(ctx context.Context) bool { return ctx.Value(onlyCachedKey{}) != nil }
