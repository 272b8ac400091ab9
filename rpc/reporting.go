package rpc

import (
	"context"
	"encoding/json"
	"reflect"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/jsonvalue"
)

// withProgress is the call's context. Of a long method, it lets the engine report on
// the call, and the host hear of it if it gave a token.
func (s *session) withProgress(c *call, params any) (context.Context, error) {
	long, is := longOf(params)
	if !is {
		return c.ctx, nil
	}
	token, err := progressToken(long)
	if err != nil {
		return nil, err
	}
	p := &progress{
		token: token,
		send:  func(n progressNote) { s.notify("$/progress", n) },
		busy:  s.msgs.Congested,
	}
	s.calls.setProgress(c, p)
	return api.WithProgress(c.ctx, p.report), nil
}

// longOf is what a long method's parameters embed.
func longOf(params any) (api.Long, bool) {
	f := reflect.ValueOf(params).FieldByName("Long")
	if !f.IsValid() {
		return api.Long{}, false
	}
	long, is := f.Interface().(api.Long)
	return long, is
}

// progressToken is nil when the host did not ask for progress.
func progressToken(long api.Long) (json.RawMessage, error) {
	switch kind := jsonvalue.Kind(long.ProgressToken); kind {
	case "a string", "a number":
		return long.ProgressToken, nil
	case "nothing", "null":
		return nil, nil
	default:
		return nil, &api.ParamError{Param: "progress_token", Expected: "a string or a number", Found: kind}
	}
}
