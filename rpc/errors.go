package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sourcegraph/jsonrpc2"
)

// Codes beside JSON-RPC's own; docs/reference.md says when each comes.
const (
	CodeOverloaded     = -32001
	CodeNotInitialized = -32002
	CodeLocked         = -32010
	CodeStore          = -32011
	CodeNoEndpoint     = -32012
	CodeFile           = -32013
	CodeReply          = -32014
	CodeBudget         = -32015
	CodeCallback       = -32016
	CodeCancelled      = -32800
)

// Errors of the session itself.
var (
	errNotInitialized = newError(CodeNotInitialized, "not initialized: send initialize first")
	errTwice          = newError(jsonrpc2.CodeInvalidRequest, "initialize was answered already: it may be sent once")
	errStopped        = newError(jsonrpc2.CodeInvalidRequest, "after shutdown only exit is allowed")
	errCancelled      = newError(CodeCancelled, "cancelled by the caller")
	errEnding         = newError(CodeCancelled, "cancelled: the sidecar is ending")
)

func newError(code int64, text string) *jsonrpc2.Error {
	return &jsonrpc2.Error{Code: code, Message: text}
}

func overloaded(max int) error {
	return newError(CodeOverloaded, fmt.Sprintf("overloaded: %d calls are in flight; retry when some are answered", max))
}

// wireError is a typed error as its code and data (see faults.go). What is not in
// that table is -32603 with its text.
func wireError(err error) *jsonrpc2.Error {
	if e, ok := as[*jsonrpc2.Error](err); ok {
		return e
	}
	code, data := classify(err)
	e := newError(code, err.Error())
	if data != nil {
		if body, err := encode(data); err == nil {
			e.Data = (*json.RawMessage)(&body)
		}
	}
	return e
}

type object = map[string]any

func classify(err error) (int64, any) {
	for _, c := range causes {
		if data, ok := c.data(err); ok {
			return c.code, data
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return CodeCancelled, nil
	case errors.Is(err, context.DeadlineExceeded):
		return CodeCancelled, TimeoutData{"timeout"}
	}
	return jsonrpc2.CodeInternalError, nil
}

func as[T error](err error) (T, bool) {
	var target T
	ok := errors.As(err, &target)
	return target, ok
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
