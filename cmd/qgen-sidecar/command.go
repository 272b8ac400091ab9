package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"qgen-sidecar/internal/clip"
)

// command is one row of the table.
type command struct {
	name    string // "gold show"
	args    string // what may follow the name besides flags: "", "FILE", "[FOLDER]", "JOURNAL…"
	doc     string // one sentence
	prepare func(c *console, fs *pflag.FlagSet) action
	oneOf   []string // the only arguments there are; nil: any
	notes   []string // paragraphs below the flags
}

// action does a command's work, with the arguments that are no flags.
type action func(ctx context.Context, args []string) error

// table is all commands, and what their groups are about: of "gold show", "gold".
type table struct {
	sections []section
	groups   map[string]string
}

// section is a part of the table, under a heading.
type section struct {
	title    string
	commands []command
}

// without makes a command's prepare of a function that has no flags of its own.
func without(do func(ctx context.Context, c *console, args []string) error) func(*console, *pflag.FlagSet) action {
	return func(c *console, _ *pflag.FlagSet) action {
		return func(ctx context.Context, args []string) error { return do(ctx, c, args) }
	}
}

// checkArgs holds the arguments to what the table says may follow.
func (cmd *command) checkArgs(args []string) error {
	see := "qgen-sidecar " + cmd.name
	what := strings.ToLower(strings.ReplaceAll(strings.Trim(cmd.args, "[]…"), "_", " "))
	line := strings.TrimSpace("qgen-sidecar " + cmd.name + " " + cmd.args)
	if given := strings.Join(args, " "); cmd.oneOf != nil && !slices.Contains(cmd.oneOf, given) {
		return seeHelp(see, "%s: %v", cmd.name, oneOf(cmd.oneOf, given))
	}
	switch {
	case cmd.args == "" && len(args) > 0:
		return seeHelp(see, "%s takes flags only, found %q", cmd.name, clip.Runes(args[0], 60))
	case strings.HasSuffix(cmd.args, "…") && len(args) == 0:
		return usagef("expected %ss: %s", what, line)
	case strings.HasSuffix(cmd.args, "…"), strings.HasSuffix(cmd.args, "…]"), cmd.args == "":
	case strings.HasPrefix(cmd.args, "["):
		if len(args) > 1 {
			return usagef("expected one %s at the most, found %d arguments: %s", what, len(args), line)
		}
	case len(args) != 1:
		return usagef("expected one %s, found %d arguments: %s", what, len(args), line)
	}
	return nil
}
