package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// usageError is a wrong command line: exit status 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// flagSet has the flags that every command takes.
func (c *console) flagSet(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.config, "config", c.config, "the config file; absent: ./qgen.toml if there")
	fs.BoolVar(&c.json, "json", c.json, "print JSON also on a terminal")
	return fs
}

// parse is fs.Parse with the words of this program.
func (c *console) parse(fs *flag.FlagSet, args []string) error {
	fs.Usage = func() {} // the flag package would call it for a wrong flag too
	err := fs.Parse(args)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, flag.ErrHelp):
		return usagef("%v; see qgen-sidecar --help", err)
	}
	c.help(fs)
	return err
}

// parseMixed lets flags stand after the arguments too, and returns the latter.
func (c *console) parseMixed(fs *flag.FlagSet, args []string) ([]string, error) {
	var positional []string
	for {
		if err := c.parse(fs, args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return positional, nil
		}
		positional = append(positional, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// noArguments parses the common flags of a command that takes nothing else.
func (c *console) noArguments(name string, args []string) error {
	rest, err := c.parseMixed(c.flagSet(name), args)
	if err == nil && len(rest) > 0 {
		err = usagef("%s takes no arguments, found %q", name, rest[0])
	}
	return err
}
