package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"

	"qgen-sidecar/internal/clip"
)

func main() {
	m := newMain()
	os.Exit(m.Run(context.Background(), os.Args[1:]))
}

// Main is the program with its surroundings, so that tests can give it others.
type Main struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Terminal       bool // Stdout is one
	ErrTerminal    bool // Stderr is one

	config  string // --config
	json    bool   // --json
	command *command
	args    []string
	bar     *bar // what shows progress; nil: nothing
}

func newMain() *Main {
	return &Main{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: term.IsTerminal(int(os.Stdout.Fd())), ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// usageError is a wrong command line: exit status 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// Run parses the command line and runs its command; it returns the exit status.
func (m *Main) Run(ctx context.Context, args []string) int {
	err := m.ParseFlags(args)
	if err == nil {
		err = m.run(ctx)
	}
	var usage usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(m.Stderr, "qgen-sidecar: %s\n", clip.OneLine(err.Error()))
		return 2
	case errors.Is(err, errSaid):
		return 1
	}
	fmt.Fprintf(m.Stderr, "qgen-sidecar: %s\n", clip.OneLine(err.Error()))
	return 1
}

// errSaid: it failed, and the output says so already.
var errSaid = errors.New("said already")

// ParseFlags finds the command; what follows its name is the command's own.
func (m *Main) ParseFlags(args []string) error {
	fs := m.flagSet("qgen-sidecar")
	if err := m.parse(fs, args); err != nil {
		return err
	}
	rest := fs.Args()
	if len(rest) == 0 {
		m.command = &serveCommand
		return nil
	}
	for i := range commands {
		words := strings.Fields(commands[i].name)
		if len(rest) >= len(words) && strings.Join(rest[:len(words)], " ") == commands[i].name {
			m.command, m.args = &commands[i], rest[len(words):]
			return nil
		}
	}
	return usagef("there is no command %q; see qgen-sidecar --help", strings.Join(rest[:min(2, len(rest))], " "))
}

func (m *Main) run(ctx context.Context) error {
	if m.command == &serveCommand {
		return m.command.run(ctx, m, nil)
	}
	// A second Ctrl-C ends at once.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	err := m.command.run(ctx, m, m.args)
	if err != nil && ctx.Err() != nil {
		return errors.New("cancelled; what was done is kept, and calling again goes on from there")
	}
	return err
}

// flagSet has the flags that every command takes.
func (m *Main) flagSet(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&m.config, "config", m.config, "the config file; absent: ./qgen.toml if there")
	fs.BoolVar(&m.json, "json", m.json, "print JSON also on a terminal")
	return fs
}

// parse is fs.Parse with the words of this program.
func (m *Main) parse(fs *flag.FlagSet, args []string) error {
	fs.Usage = func() {} // the flag package would call it for a wrong flag too
	err := fs.Parse(args)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, flag.ErrHelp):
		return usagef("%v; see qgen-sidecar --help", err)
	case m.command == nil:
		m.usage()
	default:
		m.command.help(m.Stderr, fs)
	}
	return err
}

// parseMixed lets flags stand after the arguments too, and returns the latter.
func (m *Main) parseMixed(fs *flag.FlagSet, args []string) ([]string, error) {
	var positional []string
	for {
		if err := m.parse(fs, args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return positional, nil
		}
		positional = append(positional, fs.Arg(0))
		args = fs.Args()[1:]
	}
}
