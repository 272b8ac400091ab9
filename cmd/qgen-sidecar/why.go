package main

import (
	"context"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
)

func why(ctx context.Context, c *console, args []string) error {
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		r, err := e.Why(ctx, args[0])
		if err != nil {
			return err
		}
		return show(c, r, view.Why)
	})
}
