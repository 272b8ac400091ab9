package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"qgen-sidecar/internal/clip"
)

func main() { os.Exit(run(context.Background(), newConsole(), os.Args[1:])) }

// run does what the command line says and returns the exit status.
func run(ctx context.Context, c *console, args []string) int {
	err := dispatch(ctx, c, args)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	}
	fmt.Fprintf(c.stderr, "qgen-sidecar: %s\n", clip.OneLine(err.Error()))
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// dispatch runs the command that the line names, or the sidecar.
func dispatch(ctx context.Context, c *console, line []string) error {
	p := newProgram(c, theTable())
	if len(line) > 0 && strings.HasPrefix(line[0], cobra.ShellCompRequestCmd) {
		p.root.SetArgs(line)
		return p.root.ExecuteContext(ctx)
	}
	own := p.root.PersistentFlags()
	before := upToCommand(line, own)
	line = append(withTwoDashes(line[:before], own, p.root.Flags()), line[before:]...)
	cmd, err := p.find(line)
	if err != nil {
		return err
	}
	p.root.SetArgs(withTwoDashes(line, cmd.Flags(), own))
	if p.rows[cmd] == nil {
		return p.root.ExecuteContext(ctx)
	}
	// A second Ctrl-C ends at once.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	err = p.root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		return errors.New("cancelled; what was done is kept, and calling again goes on from there")
	}
	return err
}
