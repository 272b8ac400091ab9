package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
)

// command is one row of the table.
type command struct {
	name  string // "gold show"
	usage string // what may follow the name
	doc   string
	run   func(ctx context.Context, c *console, args []string) error
}

// help is a command's own page.
func (cmd *command) help(out io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(out, "qgen-sidecar %s %s: %s\n\n", cmd.name, cmd.usage, cmd.doc)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fs.VisitAll(func(f *flag.Flag) { fmt.Fprintf(w, "  --%s\t%s\n", f.Name, f.Usage) })
	w.Flush()
}
