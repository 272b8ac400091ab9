package main

import (
	"context"
	"strings"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
)

// method makes a command of the method of that name, which fn answers.
func method[P, R any](name string, fn func(*engine.Engine, context.Context, P) (R, error)) command {
	row, _ := api.MethodNamed(name)
	return command{name: name, usage: "[flags]", doc: lowerFirst(row.Doc), run: func(ctx context.Context, c *console, args []string) error {
		return c.callMethod(ctx, row, args, func(ctx context.Context, e *engine.Engine, params []byte) (any, error) {
			var p P
			if err := api.DecodeParams(params, &p); err != nil {
				return nil, err
			}
			return fn(e, ctx, p)
		})
	}}
}

func lowerFirst(s string) string {
	return strings.ToLower(s[:1]) + strings.TrimSuffix(s[1:], ".")
}

func (c *console) callMethod(ctx context.Context, row api.Method, args []string, call func(context.Context, *engine.Engine, []byte) (any, error)) error {
	fs := c.flagSet(row.Name)
	flags := newParamFlags(fs, row.Params)
	rest, err := c.parseMixed(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("%s takes flags only, found %q; see qgen-sidecar %s --help", row.Name, rest[0], row.Name)
	}
	params, err := flags.params()
	if err != nil {
		return usagef("%v", err)
	}
	return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		result, err := call(ctx, e, params)
		if err != nil {
			return err
		}
		return c.print(result)
	})
}
