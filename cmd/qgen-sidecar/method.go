package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
)

// method makes a command of the method of that name, which fn answers; a person at a
// terminal sees the answer as on writes it.
func method[P, R any](name string, fn func(*engine.Engine, context.Context, P) (R, error), on func(*view.Page, R)) command {
	row, _ := api.MethodNamed(name)
	return command{name: name, doc: row.Doc, prepare: func(c *console, fs *pflag.FlagSet) action {
		given := newParamFlags(fs, name, row.Params)
		return func(ctx context.Context, _ []string) error {
			if err := given.standIn(name); err != nil {
				return err
			}
			params, err := given.params()
			if err != nil {
				return err
			}
			var p P
			if err := api.DecodeParams(params, &p); err != nil {
				return seeHelp("qgen-sidecar "+name, "%v", asFlag(fs, err))
			}
			return c.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
				result, err := fn(e, ctx, p)
				if err != nil {
					return asFlag(fs, err)
				}
				return show(c, result, on)
			})
		}
	}}
}

// asFlag names the flag where an error names the parameter that it stands for.
func asFlag(fs *pflag.FlagSet, err error) error {
	var wrong *api.ParamError
	if !errors.As(err, &wrong) {
		return err
	}
	if key, ok := strings.CutPrefix(wrong.Param, "config "); ok {
		return fmt.Errorf("the config's %s: expected %s, found %s", key, wrong.Expected, wrong.Found)
	}
	for name := flagName(wrong.Param); name != ""; name = parent(name) {
		if fs.Lookup(name) != nil {
			return fmt.Errorf("--%s: expected %s, found %s", flagName(wrong.Param), wrong.Expected, wrong.Found)
		}
	}
	return err
}

// parent cuts the last step off a flag's name: split.seed, split, "".
func parent(name string) string { return name[:max(0, strings.LastIndexAny(name, ".["))] }
