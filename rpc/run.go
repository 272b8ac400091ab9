package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/sourcegraph/jsonrpc2"

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
	m, known := methodNamed(c.method)
	switch {
	case !known:
		return nil, unknownMethod(c.method)
	case c.method == "shutdown":
		s.state.shutdown()
		return nil, nil
	case m.session != nil:
		return m.session(s, c, params)
	}
	p, err := m.decode(params)
	if err != nil {
		return nil, err
	}
	ctx := c.ctx
	if m.Long {
		if ctx, err = s.withProgress(ctx, c, p); err != nil {
			return nil, err
		}
	}
	return m.call(ctx, svc, p)
}

func unknownMethod(name string) error {
	msg := fmt.Sprintf("there is no method %q", name)
	if near := nearest.Of(name, methodNames()); near != "" && !strings.HasPrefix(name, "$/") {
		msg += fmt.Sprintf("; did you mean %q?", near)
	}
	return &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: msg}
}

// answer replies to a call once; whoever comes second is ignored.
func (s *session) answer(c *call, result any, err error) {
	if s.calls.leave(c) {
		s.reply(c.number, result, err)
	}
}

func (s *session) reply(n uint64, result any, err error) {
	// Encoded replies that wait for a full queue are few: they may be large.
	s.replying <- struct{}{}
	defer func() { <-s.replying }()
	resp := &jsonrpc2.Response{ID: jsonrpc2.ID{Num: n}}
	var body []byte
	if err == nil {
		body, err = encode(result)
	}
	if err != nil {
		resp.Error = wireError(err)
	} else {
		ticket := json.RawMessage(fmt.Appendf(nil, "%d", s.stream.deposit(body)))
		resp.Result = &ticket
	}
	if err := s.conn.SendResponse(context.Background(), resp); err != nil {
		s.Logger.Debug("a reply could not be sent", "error", err)
	}
}

// notify sends a notification of ours.
func (s *session) notify(method string, params any) {
	body, err := encode(params)
	if err == nil {
		err = s.conn.Notify(context.Background(), method, s.stream.deposit(body))
	}
	if err != nil {
		s.Logger.Debug("a notification could not be sent", "method", method, "error", err)
	}
}
