package outcome

import (
	"context"
	"errors"
	"time"
)

var errAttemptTimeout = errors.New("no answer within the endpoint's timeout")

// WithTimeout ends an attempt's context after d, with a cause that is told from
// the caller's own end.
func WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, errAttemptTimeout)
}

// ended is the outcome of an attempt whose context has ended; nil: it has not.
func ended(ctx context.Context) *Outcome {
	switch {
	case errors.Is(context.Cause(ctx), errAttemptTimeout):
		return &Outcome{Kind: Failed, Message: errAttemptTimeout.Error(), Sent: true}
	case ctx.Err() != nil:
		return &Outcome{Kind: Abandoned, Sent: true}
	}
	return nil
}
