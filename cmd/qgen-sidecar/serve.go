package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/process"
	"qgen-sidecar/rpc/wire"
)

// serve is the sidecar. However the session ends, the status is 0: a host that
// goes is no fault of ours.
func serve(ctx context.Context, c *console) error {
	// Before plugin.Serve, which swaps standard error.
	logs := newLogPipe(c.stderr)
	defer logs.Close()
	log := c.loggerTo(logs, hclog.Info)
	ctx, stop := process.WithLife(ctx)
	defer stop()
	o := rpc.Options{ConfigPath: c.config, Version: version, Logger: log}
	if rpc.IsPlugin() {
		reason := rpc.ServePlugin(ctx, o)
		log.Debug("done", "reason", reason)
		return nil
	}
	out, err := process.TakeStdout()
	if err != nil {
		return fmt.Errorf("standard output cannot be set apart for the protocol: %w", err)
	}
	o.HungUp = process.HungUp(os.Stdin)
	reason := rpc.Serve(ctx, wire.NewPipe(os.Stdin, out, wire.PipeOptions{}), o)
	log.Debug("done", "reason", reason)
	return nil
}
