package main

import (
	"context"
	"strings"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
)

// method makes a command of the method of that name, which fn answers; a person at a
// terminal sees the answer as on writes it.
func method[P, R any](name string, fn func(*engine.Engine, context.Context, P) (R, error), on func(*view.Page, R)) command {
	row, _ := api.MethodNamed(name)
	return command{name: name, usage: "[flags]", doc: lowerFirst(row.Doc), run: func(ctx context.Context, c *console, args []string) error {
		params, err := c.methodParams(row, args)
		if err != nil {
			return err
		}
		return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
			var p P
			if err := api.DecodeParams(params, &p); err != nil {
				return err
			}
			result, err := fn(e, ctx, p)
			if err != nil {
				return err
			}
			return show(c, result, on)
		})
	}}
}

func lowerFirst(s string) string {
	return strings.ToLower(s[:1]) + strings.TrimSuffix(s[1:], ".")
}

// methodParams are the method's parameters, as JSON, from flags alone.
func (c *console) methodParams(row api.Method, args []string) ([]byte, error) {
	fs := c.flagSet(row.Name)
	flags := newParamFlags(fs, row.Params)
	rest, err := c.parseMixed(fs, args)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, usagef("%s takes flags only, found %q; see qgen-sidecar %s --help", row.Name, rest[0], row.Name)
	}
	params, err := flags.params()
	if err != nil {
		return nil, usagef("%v", err)
	}
	return params, nil
}
