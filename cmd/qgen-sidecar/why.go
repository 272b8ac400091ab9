package main

import (
	"context"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
)

func why(ctx context.Context, c *console, args []string) error {
	rest, err := c.parseMixed(c.flagSet("why"), args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("expected one point id: qgen-sidecar why POINT_ID")
	}
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		r, err := e.Why(ctx, rest[0])
		if err != nil {
			return err
		}
		return show(c, r, view.Why)
	})
}
