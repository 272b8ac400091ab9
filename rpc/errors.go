package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/qdrantlock"
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

// wireError is the one table from typed errors to codes and data. What is not
// in it is -32603 with its text.
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
	if code, data := callersFault(err); code != 0 {
		return code, data
	}
	if code, data := storeFault(err); code != 0 {
		return code, data
	}
	if code, data := modelFault(err); code != 0 {
		return code, data
	}
	if _, ok := as[*api.TimeoutError](err); ok {
		return CodeCancelled, object{"reason": "timeout"}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return CodeCancelled, nil
	case errors.Is(err, context.DeadlineExceeded):
		return CodeCancelled, object{"reason": "timeout"}
	}
	return jsonrpc2.CodeInternalError, nil
}

// callersFault: parameters, config and files that the caller named.
func callersFault(err error) (int64, any) {
	if e, ok := as[*api.ParamError](err); ok {
		return jsonrpc2.CodeInvalidParams, object{"param": e.Param, "expected": e.Expected, "found": e.Found}
	}
	if e, ok := as[*config.Error](err); ok {
		return jsonrpc2.CodeInvalidParams, omitZero(object{"param": "config", "path": e.Path, "key": e.Key, "line": e.Line, "reason": e.Reason})
	}
	if e, ok := as[*api.FileError](err); ok {
		return CodeFile, omitZero(object{"path": e.Path, "line": e.Line, "reason": e.Why()})
	}
	return 0, nil
}

func storeFault(err error) (int64, any) {
	if e, ok := as[*qdrantlock.LockedError](err); ok {
		return CodeLocked, omitZero(object{"path": e.Path, "holder_pid": e.HolderPID})
	}
	if e, ok := as[*qdrantlock.StoreError](err); ok {
		return CodeStore, omitZero(object{"path": e.Path, "url": e.URL, "collection": e.Collection, "reason": e.Reason})
	}
	return 0, nil
}

func modelFault(err error) (int64, any) {
	if e, ok := as[*api.BudgetError](err); ok {
		return CodeBudget, omitZero(object{"usage": e.Usage, "budget": e.Budget, "partial_output": e.PartialOutput})
	}
	// Before the callback: when the host's own LLM function failed, but is one
	// endpoint among others, it is the endpoints that could not answer.
	if e, ok := as[*dispatcher.NoEndpointError](err); ok {
		return CodeNoEndpoint, object{"endpoints": nonNil(e.Endpoints)}
	}
	if e, ok := as[*api.CallbackError](err); ok {
		return CodeCallback, object{"callback": e.Callback, "reason": e.Reason}
	}
	if e, ok := as[*api.ReplyError](err); ok {
		return CodeReply, object{"role": e.Role, "reply": e.Reply, "reason": e.Why()}
	}
	return 0, nil
}

func as[T error](err error) (T, bool) {
	var target T
	ok := errors.As(err, &target)
	return target, ok
}

// omitZero drops optional keys that say nothing.
func omitZero(o object) object {
	for k, v := range o {
		if v == "" || v == 0 || v == nil {
			delete(o, k)
		}
	}
	return o
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
