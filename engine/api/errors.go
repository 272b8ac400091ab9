package api

import (
	"context"
	"errors"
	"fmt"
)

// ParamError: a parameter is wrong; the caller's fault (-32602).
type ParamError struct {
	Param    string // "count", "optimizer.name"
	Expected string // "a whole number of at least 1"
	Found    string // "0"
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("parameter %s: expected %s, found %s", e.Param, e.Expected, e.Found)
}

// FileError: a file is unusable (-32013). Line is 1-based, 0 when not known.
type FileError struct {
	Path   string
	Line   int
	Reason string
	Err    error // the system's, may be nil
}

func (e *FileError) Unwrap() error { return e.Err }

func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.Path, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s: %s", e.Path, e.Reason)
}

// ReplyError: a model's reply could not be used after retries (-32014).
type ReplyError struct {
	Role, Reply, Reason string
}

func (e *ReplyError) Error() string {
	return fmt.Sprintf("the %s model's reply could not be used after retries: %s", e.Role, e.Reason)
}

// CallbackError: the host's callback failed or is not offered (-32016).
type CallbackError struct {
	Callback, Reason string
}

func (e *CallbackError) Error() string {
	return fmt.Sprintf("host callback %s: %s", e.Callback, e.Reason)
}

// BudgetSpent: the call's budget is spent (-32015). PartialOutput is the path
// of what was saved so far, "" when nothing was.
type BudgetSpent struct {
	Usage         any
	Budget        any
	PartialOutput string
}

func (e *BudgetSpent) Error() string {
	if e.PartialOutput != "" {
		return "budget spent; the best so far is in " + e.PartialOutput + "; repeat the call with a larger budget: what was answered is cached"
	}
	return "budget spent; repeat the call with a larger budget: what was answered is cached"
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
