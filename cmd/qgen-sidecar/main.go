package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"qgen-sidecar/internal/clip"
)

func main() { os.Exit(run(context.Background(), newConsole(), os.Args[1:])) }

// run does what the command line says and returns the exit status.
func run(ctx context.Context, c *console, args []string) int {
	err := dispatch(ctx, c, args)
	var usage usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(c.stderr, "qgen-sidecar: %s\n", clip.OneLine(err.Error()))
		return 2
	case errors.Is(err, errSaid):
		return 1
	}
	fmt.Fprintf(c.stderr, "qgen-sidecar: %s\n", clip.OneLine(err.Error()))
	return 1
}

// dispatch runs the command that the line names, or the sidecar.
func dispatch(ctx context.Context, c *console, args []string) error {
	c.help = func(*flag.FlagSet) { usage(c.stderr) }
	fs := c.flagSet("qgen-sidecar")
	if err := c.parse(fs, args); err != nil {
		return err
	}
	if fs.NArg() == 0 {
		return serve(ctx, c)
	}
	cmd, rest, err := find(fs.Args())
	if err != nil {
		return err
	}
	c.help = func(fs *flag.FlagSet) { cmd.help(c.stderr, fs) }
	// A second Ctrl-C ends at once.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	err = cmd.run(ctx, c, rest)
	if err != nil && ctx.Err() != nil {
		return errors.New("cancelled; what was done is kept, and calling again goes on from there")
	}
	return err
}

// find is the command that the first words name; what follows them is the command's
// own.
func find(line []string) (*command, []string, error) {
	for i := range commands {
		words := strings.Fields(commands[i].name)
		if len(line) >= len(words) && strings.Join(line[:len(words)], " ") == commands[i].name {
			return &commands[i], line[len(words):], nil
		}
	}
	return nil, nil, usagef("there is no command %q; see qgen-sidecar --help", strings.Join(line[:min(2, len(line))], " "))
}
