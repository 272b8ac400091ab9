package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// program is the table as cobra has it, which reads flags and completes lines. What is
// said to people (help, errors) is ours.
type program struct {
	root     *cobra.Command
	sections []section
	groups   map[string]string
	rows     map[*cobra.Command]*command // of the table; groups and the root have none
}

// newProgram makes the tree of a table: "gold show" is the command show of the group
// gold.
func newProgram(c *console, t table) *program {
	cobra.EnableCommandSorting = false
	cobra.MousetrapHelpText = "" // started from Windows' explorer it is the sidecar, too
	p := &program{sections: t.sections, groups: t.groups, rows: map[*cobra.Command]*command{}}
	p.root = &cobra.Command{Use: "qgen-sidecar", SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs, ValidArgsFunction: noFiles}
	c.root, c.find = p.root, p.find
	p.root.CompletionOptions.DisableDefaultCmd = true
	p.root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"})
	p.root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(c.stdout, p.page(cmd)) })
	p.root.SetFlagErrorFunc(flagFault)
	p.root.SetOut(c.stdout)
	p.root.SetErr(c.stderr)
	flags := p.root.PersistentFlags()
	flags.StringVar(&c.config, "config", c.config, "the config file; absent: ./qgen.toml if it is there")
	flags.BoolVar(&c.json, "json", c.json, "print JSON on a terminal too")
	flags.BoolP("help", "h", false, "print this page")
	version := p.root.Flags().Bool("version", false, "print the version")
	p.root.RunE = func(cmd *cobra.Command, _ []string) error { return c.alone(cmd.Context(), *version) }
	for i := range p.sections {
		for k := range p.sections[i].commands {
			p.add(c, &p.sections[i].commands[k])
		}
	}
	return p
}

// alone is the program without a command: the sidecar, or its help for a person who
// only typed its name.
func (c *console) alone(ctx context.Context, version bool) error {
	switch {
	case version:
		c.terminal = true // a line, for scripts too
		return printVersion(ctx, c, nil)
	case c.interactive() && c.config == "":
		return c.root.Help()
	}
	return serve(ctx, c)
}

func (p *program) add(c *console, row *command) {
	parent, name := p.root, row.name
	if group, member, ok := strings.Cut(row.name, " "); ok {
		parent, name = p.group(group), member
	}
	cmd := &cobra.Command{Use: name, Short: row.doc, DisableFlagsInUseLine: true, ValidArgs: row.oneOf, Args: func(_ *cobra.Command, args []string) error { return row.checkArgs(args) }}
	if !strings.Contains(row.args, "FILE") && !strings.Contains(row.args, "FOLDER") && !strings.Contains(row.args, "JOURNAL") && row.oneOf == nil {
		cmd.ValidArgsFunction = noFiles
	}
	do := row.prepare(c, cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return do(cmd.Context(), args) }
	cmd.Flags().VisitAll(func(f *pflag.Flag) { completeFlag(cmd, f) })
	p.rows[cmd] = row
	parent.AddCommand(cmd)
}

// group is the parent of the commands whose names begin with it; alone it is its help.
func (p *program) group(name string) *cobra.Command {
	for _, cmd := range p.root.Commands() {
		if cmd.Name() == name {
			return cmd
		}
	}
	cmd := &cobra.Command{Use: name, Short: p.groups[name], Args: cobra.ArbitraryArgs, ValidArgsFunction: noFiles}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	p.root.AddCommand(cmd)
	return cmd
}

// find is the command that a line means; a word that no command has is a usage error
// that names the nearest.
func (p *program) find(line []string) (*cobra.Command, error) {
	cmd, rest, err := p.root.Find(line)
	if err != nil {
		return nil, usagef("%v", err)
	}
	words := arguments(cmd.Flags(), p.root.PersistentFlags(), rest)
	if p.rows[cmd] != nil || len(words) == 0 || rest[0] != words[0] && p.strange(cmd, rest[0]) {
		return cmd, nil
	}
	return nil, p.unknown(cmd, words)
}

// strange: a flag that nobody knows comes first, of which parsing will complain.
func (p *program) strange(cmd *cobra.Command, token string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(token, "-"), "=")
	return strings.HasPrefix(token, "-") && lookup(cmd.Flags(), p.root.PersistentFlags())(name) == nil
}

// names are those of all commands, as they are typed, and of all groups.
func (p *program) names() []string {
	var names []string
	for _, s := range p.sections {
		for _, row := range s.commands {
			if group, _, ok := strings.Cut(row.name, " "); ok && !slices.Contains(names, group) {
				names = append(names, group)
			}
			names = append(names, row.name)
		}
	}
	return names
}
