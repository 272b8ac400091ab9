package main

import (
	"context"
	"os"
	"strings"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
)

// method makes a command of the method of that name, which fn answers.
func method[P, R any](name string, fn func(*engine.Engine, context.Context, P) (R, error)) command {
	row, _ := api.MethodNamed(name)
	return command{name: name, usage: "[flags]", doc: lowerFirst(row.Doc), run: func(ctx context.Context, m *Main, args []string) error {
		return m.callMethod(ctx, row, args, func(ctx context.Context, e *engine.Engine, params []byte) (any, error) {
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

func (m *Main) callMethod(ctx context.Context, row api.Method, args []string, call func(context.Context, *engine.Engine, []byte) (any, error)) error {
	fs := m.flagSet(row.Name)
	flags := newParamFlags(fs, row.Params)
	rest, err := m.parseMixed(fs, args)
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
	return m.withEngine(ctx, func(ctx context.Context, e *engine.Engine) error {
		result, err := call(ctx, e, params)
		if err != nil {
			return err
		}
		return m.print(result)
	})
}

// loadConfig reads the config as a command uses it: the store's lock is taken
// when it is needed, so that commands run beside a sidecar.
func (m *Main) loadConfig() (*config.Config, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(m.config, nil, dir)
	if err != nil {
		return nil, err
	}
	if cfg.Store != nil {
		cfg.Store.Lock = "lazy"
		// The share and the door are the sidecar's; two cannot listen there.
		cfg.Store.Share = ""
	}
	cfg.Dispatcher.Listen = ""
	return cfg, nil
}

// newEngine is the engine of a command: there is no host to call back.
func (m *Main) newEngine(cfg *config.Config) (*engine.Engine, error) {
	return engine.New(cfg, engine.Options{Logger: m.logger(hclog.Error), Version: version, NoHost: true})
}

// withEngine runs fn with an engine that reports progress on standard error.
func (m *Main) withEngine(ctx context.Context, fn func(context.Context, *engine.Engine) error) error {
	cfg, err := m.loadConfig()
	if err != nil {
		return err
	}
	e, err := m.newEngine(cfg)
	if err != nil {
		return err
	}
	defer e.Close()
	m.bar = newBar(m.Stderr, m.ErrTerminal)
	defer m.bar.end()
	return fn(api.WithProgress(ctx, m.bar.report), e)
}
