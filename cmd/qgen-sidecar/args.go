package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/nearest"
)

// usageError is a wrong command line: exit status 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// seeHelp is a usage error that says where the help is.
func seeHelp(command, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if strings.HasSuffix(text, "?") {
		return usageError{text + " See " + command + " --help"}
	}
	return usageError{text + "; see " + command + " --help"}
}

// unknown is the error of words that are no command of cmd, which is the root or a group.
func (p *program) unknown(cmd *cobra.Command, words []string) error {
	typed := strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), "qgen-sidecar") + " " + clip.Runes(words[0], 60))
	known := p.names()
	if cmd != p.root {
		known = nil
		for _, member := range cmd.Commands() {
			known = append(known, cmd.Name()+" "+member.Name())
		}
	}
	near := nearest.Of(typed, known)
	if cmd == p.root && len(words) > 1 { // "godl show"
		if two := nearest.Of(typed+" "+words[1], known); strings.Contains(two, " ") {
			near = two
		}
	}
	if near != "" {
		return seeHelp(cmd.CommandPath(), "there is no command %q; did you mean %q?", typed, near)
	}
	return seeHelp(cmd.CommandPath(), "there is no command %q", typed)
}

// flagFault words what pflag says of a flag: what was expected, what was found, and
// where the help is.
func flagFault(cmd *cobra.Command, err error) error {
	see := cmd.CommandPath()
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if near := nearestFlag(name, flagNames(cmd)); near != "" {
			return seeHelp(see, "there is no flag --%s; did you mean --%s?", clip.Runes(name, 60), near)
		}
		return seeHelp(see, "there is no flag --%s", clip.Runes(name, 60))
	case errors.As(err, &missing):
		return seeHelp(see, "%s: expected a value (%s), found none", dashed(missing.GetFlag()), valueWord(missing.GetFlag()))
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		if f.Value.Type() == "bool" {
			return seeHelp(see, "%s: expected true or false, found %q", dashed(f), clip.Runes(invalid.GetValue(), 60))
		}
		return seeHelp(see, "%s: %v", dashed(f), invalid.Unwrap())
	}
	return seeHelp(see, "expected flags such as --name value or --name=value, found something else")
}

// nearestFlag is the flag that was meant: one that ends so (--prune is
// --optimizer.prune), else the nearest.
func nearestFlag(name string, known []string) string {
	for _, k := range known {
		if strings.HasSuffix(k, "."+name) {
			return k
		}
	}
	return nearest.Of(name, known)
}

// dashed is a flag as it is typed.
func dashed(f *pflag.Flag) string {
	if len(f.Name) == 1 {
		return "-" + f.Name
	}
	return "--" + f.Name
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	for _, fs := range []*pflag.FlagSet{cmd.Flags(), cmd.InheritedFlags()} {
		fs.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	return names
}

// walk goes through a line as pflag will read it, and tells what stands where: flag is
// called with the place of a flag's token, word with that of an argument.
func walk(line []string, known func(name string) *pflag.Flag, flag, word func(at int)) {
	for i := 0; i < len(line); i++ {
		token := line[i]
		switch {
		case token == "--":
			for i++; i < len(line); i++ {
				word(i)
			}
		case len(token) < 2 || token[0] != '-':
			word(i)
		default:
			flag(i)
			name, _, valued := strings.Cut(strings.TrimLeft(token, "-"), "=")
			if f := known(name); f != nil && !valued && f.NoOptDefVal == "" {
				i++ // its value, whatever it looks like
			}
		}
	}
}

func lookup(sets ...*pflag.FlagSet) func(name string) *pflag.Flag {
	return func(name string) *pflag.Flag {
		for _, fs := range sets {
			if f := fs.Lookup(name); f != nil {
				return f
			}
			if len(name) == 1 {
				if f := fs.ShorthandLookup(name); f != nil {
					return f
				}
			}
		}
		return nil
	}
}

// arguments are the words of a line that are neither flags nor their values.
func arguments(own, inherited *pflag.FlagSet, line []string) (words []string) {
	walk(line, lookup(own, inherited), func(int) {}, func(at int) { words = append(words, line[at]) })
	return words
}

// withTwoDashes lets `-count 5` stand for `--count 5`, as it always could. What begins
// with a flag of one letter (-n5) stays.
func withTwoDashes(line []string, sets ...*pflag.FlagSet) []string {
	out := append([]string(nil), line...)
	known := lookup(sets...)
	walk(out, known, func(at int) {
		token := out[at]
		if strings.HasPrefix(token, "--") || len(token) == 2 || token[2] == '=' {
			return
		}
		if name, _, _ := strings.Cut(token[1:], "="); known(name) != nil || known(token[1:2]) == nil {
			out[at] = "-" + token
		}
	}, func(int) {})
	return out
}

// upToCommand is how much of a line stands before its first word.
func upToCommand(line []string, flags *pflag.FlagSet) int {
	first := len(line)
	walk(line, lookup(flags), func(int) {}, func(at int) { first = min(first, at) })
	return first
}
