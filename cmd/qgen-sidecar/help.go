package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"qgen-sidecar/cmd/qgen-sidecar/view"
)

// helpColumns are those of every help page, on a terminal of any width.
const helpColumns = 80

// showHelp is `help`, which takes a command's words.
func showHelp(c *console, _ *pflag.FlagSet) action {
	return func(_ context.Context, words []string) error {
		cmd, err := c.find(words)
		if err != nil {
			return err
		}
		return cmd.Help()
	}
}

func writeHelp(out io.Writer, h view.HelpPage) {
	page := view.NewPage(helpColumns)
	view.Help(page, h)
	_, _ = io.WriteString(out, page.String())
}

// page is the help of a command, of a group or of the whole program.
func (p *program) page(cmd *cobra.Command) view.HelpPage {
	switch {
	case cmd == p.root:
		return p.rootPage()
	case p.rows[cmd] == nil:
		return p.groupPage(cmd)
	}
	return p.commandPage(cmd, p.rows[cmd])
}

func (p *program) rootPage() view.HelpPage {
	h := view.HelpPage{
		About: "Good questions for document chunks, learned from about a hundred that you picked.",
		Usage: []view.HelpRow{
			{Name: "qgen-sidecar [--config qgen.toml] COMMAND …", Text: "do one thing and end"},
			{Name: "qgen-sidecar [--config qgen.toml] < requests", Text: "without a command: serve JSON-RPC on standard input and output, for a host"},
		},
		Notes: []string{"qgen-sidecar help COMMAND, or COMMAND --help, tells of a command's flags. On a terminal, results are tables; elsewhere, and with --json, they are JSON. " +
			"The status is 0 when it is done, 1 when it failed, 2 when the command line is wrong."},
	}
	for _, s := range p.sections {
		part := view.HelpPart{Title: s.title}
		for _, row := range s.commands {
			part.Rows = append(part.Rows, view.HelpRow{Name: strings.TrimSpace(row.name + " " + row.args), Text: row.doc})
		}
		h.Parts = append(h.Parts, part)
	}
	h.Parts = append(h.Parts, view.HelpPart{Title: "Flags", Rows: append(flagRows(p.root.LocalNonPersistentFlags()), flagRows(p.root.PersistentFlags())...)})
	return h
}

func (p *program) groupPage(group *cobra.Command) view.HelpPage {
	h := view.HelpPage{About: group.Short, Usage: []view.HelpRow{{Name: group.CommandPath() + " COMMAND …"}}}
	part := view.HelpPart{Title: "Commands"}
	for _, cmd := range group.Commands() {
		row := p.rows[cmd]
		part.Rows = append(part.Rows, view.HelpRow{Name: strings.TrimSpace(row.name + " " + row.args), Text: row.doc})
	}
	h.Parts = []view.HelpPart{part, p.everyFlag()}
	return h
}

func (p *program) commandPage(cmd *cobra.Command, row *command) view.HelpPage {
	own := flagRows(cmd.LocalNonPersistentFlags())
	usage := strings.TrimSpace("qgen-sidecar " + row.name + " " + row.args)
	if len(own) > 0 {
		usage += " [flags]"
	}
	h := view.HelpPage{About: row.doc, Usage: []view.HelpRow{{Name: usage}}}
	if len(own) > 0 {
		h.Parts = append(h.Parts, view.HelpPart{Title: "Flags", Rows: own})
	}
	h.Parts = append(h.Parts, p.everyFlag())
	h.Notes = row.notes
	files, repeated := false, false
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		v, ok := f.Value.(*value)
		files = files || ok && v.files
		repeated = repeated || ok && v.repeated
	})
	if repeated {
		h.Notes = append(h.Notes, "A flag shown with … may be given several times, or once with a JSON array; names may stand with commas between them.")
	}
	if files {
		h.Notes = append(h.Notes, "JSON, and what is shown with …, may be @FILE: it is read from that file.")
	}
	return h
}

func (p *program) everyFlag() view.HelpPart {
	return view.HelpPart{Title: "Flags of every command", Rows: flagRows(p.root.PersistentFlags())}
}

func flagRows(fs *pflag.FlagSet) (rows []view.HelpRow) {
	fs.SortFlags = false
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" && fs.Lookup("json") == nil {
			return
		}
		rows = append(rows, view.HelpRow{Name: flagForm(f), Text: f.Usage})
	})
	return rows
}

// flagForm is a flag as it is typed: "--count N", "-h, --help", "--resume[=false]".
func flagForm(f *pflag.Flag) string {
	form := dashed(f)
	if f.Shorthand != "" && f.Shorthand != f.Name {
		form = "-" + f.Shorthand + ", " + form
	}
	return form + valueForm(f)
}

func valueForm(f *pflag.Flag) string {
	v, ours := f.Value.(*value)
	switch {
	case ours && v.repeated:
		return " " + v.word + "…"
	case ours && v.word == "[=false]":
		return v.word
	case f.Value.Type() == "bool" || f.NoOptDefVal != "":
		return ""
	}
	return " " + valueWord(f)
}

// valueWord is what the help calls a flag's value.
func valueWord(f *pflag.Flag) string {
	switch v := f.Value.(type) {
	case *value:
		return v.word
	default:
		if v.Type() == "string" && f.Name == "config" {
			return "FILE"
		}
		return strings.ToUpper(v.Type())
	}
}
