package engine

import (
	"context"
	"errors"
	"fmt"

	"qgen-sidecar/engine/api"
)

// callbackContext bounds a call to the host. Its cause tells this bound from
// the call's own end.
func (e *Engine) callbackContext(ctx context.Context) (context.Context, context.CancelFunc) {
	s := e.cfg.Limits.HostCallbackS
	return context.WithTimeoutCause(ctx, seconds(s), slowHost(s))
}

type slowHost float64

func (s slowHost) Error() string {
	return fmt.Sprintf("no answer within limits.host_callback_s = %g s", float64(s))
}

// callbackFault gives every fault of a callback one type. The end of the call
// itself is no fault of the host's.
func (e *Engine) callbackFault(ctx context.Context, name string, err error) error {
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
