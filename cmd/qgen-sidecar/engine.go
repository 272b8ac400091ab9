package main

import (
	"context"
	"os"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
)

// loadConfig reads the config as a command uses it: the store's lock is taken
// when it is needed, so that commands run beside a sidecar.
func (c *console) loadConfig() (*config.Config, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(c.config, nil, dir)
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
func (c *console) newEngine(cfg *config.Config) (*engine.Engine, error) {
	return engine.New(cfg, engine.Options{Logger: c.logger(hclog.Error), Version: version, NoHost: true})
}

// withEngine runs fn with an engine that reports progress on standard error.
func (c *console) withEngine(ctx context.Context, fn func(context.Context, *engine.Engine) error) error {
	cfg, err := c.loadConfig()
	if err != nil {
		return err
	}
	e, err := c.newEngine(cfg)
	if err != nil {
		return err
	}
	defer e.Close()
	c.bar = newBar(c.stderr, c.errTerminal)
	defer c.bar.end()
	return fn(api.WithProgress(ctx, c.bar.report), e)
}
