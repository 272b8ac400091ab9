package lm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
)

type slowHost float64

func (s slowHost) Error() string {
	return fmt.Sprintf("no answer within limits.host_callback_s = %g s", float64(s))
}

// Seconds are a config's seconds as a duration.
func Seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// callbackContext bounds a call to the host. Its cause tells this bound from
// the call's own end.
func (m *Models) callbackContext(ctx context.Context) (context.Context, context.CancelFunc) {
	s := m.cfg.Limits.HostCallbackS
	return context.WithTimeoutCause(ctx, Seconds(s), slowHost(s))
}

// callbackFault gives every fault of a callback one type. The end of the call
// itself is no fault of the host's.
func (m *Models) callbackFault(ctx context.Context, name string, err error) error {
	if err == nil {
		return nil
	}
	var known *api.CallbackError
	var slow slowHost
	switch {
	case errors.As(context.Cause(ctx), &slow):
		return &api.CallbackError{Callback: name, Reason: slow.Error()}
	case ctx.Err() != nil, errors.As(err, &known):
		return err
	}
	return &api.CallbackError{Callback: name, Reason: err.Error()}
}

// hostComplete bounds the host's own LLM function by limits.host_callback_s.
func (m *Models) hostComplete(ctx context.Context, req dispatcher.Request, callID string) (dispatcher.HostReply, error) {
	ctx, cancel := m.callbackContext(ctx)
	defer cancel()
	reply, err := m.host.Complete(ctx, req, callID)
	return reply, m.callbackFault(ctx, "complete", err)
}
