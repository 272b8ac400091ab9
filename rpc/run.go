package rpc

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/nearest"
)

// run works on one call, in a goroutine of its own, and answers it.
func (s *session) run(c *call, params []byte) {
	// No result is made that would have to wait: see stream.ReadObject.
	s.msgs.Await()
	result, err := s.perform(c, params)
	if err != nil && c.ctx.Err() != nil {
		// Whatever a layer below made of the end of the context: the caller
		// asked for the end.
		err = context.Cause(c.ctx)
	}
	if c.progress != nil {
		c.progress.last(err)
	}
	s.answer(c, result, err)
	if c.after != nil {
		c.after()
	}
	c.cancel(nil)
	s.calls.remove(c)
}

// perform turns a panic into the error of this one call.
func (s *session) perform(c *call, params []byte) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Logger.Error("a call panicked", "method", c.method, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error in %s: %v", c.method, p)
			if c.starts {
				c.after = func() { s.state.settle(nil) }
			}
		}
	}()
	return s.dispatch(c, params)
}

// dispatch finds what the method's name stands for.
func (s *session) dispatch(c *call, params []byte) (any, error) {
	if c.method == "initialize" {
		return s.initialize(c, params)
	}
	svc, err := s.state.gate(c.ctx)
	if err != nil {
		return nil, err
	}
	if c.method == "shutdown" {
		s.state.shutdown()
		return nil, nil
	}
	handle, known := handlers[c.method]
	if !known {
		return nil, unknownMethod(c.method)
	}
	return handle(s, c, svc, params)
}

func unknownMethod(name string) error {
	msg := fmt.Sprintf("there is no method %q", name)
	if near := nearest.Of(name, api.MethodNames()); near != "" && !strings.HasPrefix(name, "$/") {
		msg += fmt.Sprintf("; did you mean %q?", near)
	}
	return &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: msg}
}
