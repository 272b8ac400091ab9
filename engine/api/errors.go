package api

import (
	"context"
	"errors"
	"fmt"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/internal/fault"
)

// Before anything is asked.
type (
	// ParamError: a parameter is wrong; the caller's fault (-32602).
	ParamError = fault.ParamError
	// FileError: a file is unusable (-32013).
	FileError = fault.FileError
)

// While models are asked.
type (
	// ReplyError: a model's reply could not be used after retries (-32014).
	ReplyError = fault.ReplyError
	// BudgetError: the call's budget is spent (-32015).
	BudgetError = dispatcher.BudgetError
)

// CallbackError: the host's callback failed or is not offered (-32016).
type CallbackError struct {
	Callback, Reason string
}

func (e *CallbackError) Error() string {
	return fmt.Sprintf("host callback %s: %s", e.Callback, e.Reason)
}

// TimeoutError: the call's own timeout_s passed. What was answered is cached.
type TimeoutError struct {
	Seconds float64
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("given up after timeout_s = %g s; repeat the call with a longer timeout_s: what was answered is cached", e.Seconds)
}

// Ended says how a finished context ended.
func Ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	var timeout *TimeoutError
	if errors.As(cause, &timeout) {
		return timeout
	}
	if errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("the call was given up: %w", cause)
	}
	return fmt.Errorf("the call was given up: %w (%w)", cause, ctx.Err())
}
