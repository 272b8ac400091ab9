package rpc

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/internal/jsonvalue"
)

// callHost makes one call to the host. When the caller goes away first, the
// host is told so.
func (s *session) callHost(ctx context.Context, method string, params, result any) error {
	body, err := encode(params)
	if err != nil {
		return err
	}
	defer s.calls.callback()()
	n := s.stream.Ask()
	var ticket uint64
	err = s.conn.Call(ctx, method, s.stream.Deposit(body), &ticket, jsonrpc2.PickID(jsonrpc2.ID{Num: n}))
	if ctx.Err() != nil && err != nil {
		s.giveUp(n)
	}
	var refused *jsonrpc2.Error
	switch {
	case err == nil:
		return s.hostAnswer(method, ticket, result)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused):
		return badAnswer(method, refused.Message)
	}
	return badAnswer(method, "the host is gone: "+err.Error())
}

func (s *session) hostAnswer(method string, ticket uint64, result any) error {
	body := s.stream.Redeem(ticket)
	if body == nil {
		body = []byte("null")
	}
	if err := json.Unmarshal(body, result); err != nil {
		return badAnswer(method, "the answer has another shape than expected: "+jsonvalue.Fault(err))
	}
	return nil
}

// giveUp forwards a cancel. Not on the caller's path: the way out may be full.
func (s *session) giveUp(n uint64) {
	s.stream.Abandon(n)
	go s.notify("$/cancelRequest", object{"id": n})
}
