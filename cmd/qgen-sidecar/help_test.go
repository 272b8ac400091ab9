//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// ask runs the program as a person's line at a pipe.
func ask(line ...string) (status int, out, errs string) {
	var stdout, stderr bytes.Buffer
	status = run(context.Background(), &console{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr}, line)
	return status, stdout.String(), stderr.String()
}

const commandsHead = `# Commands

Generated from the program's help by ` + "`make reference`" + `; do not edit. The parameters' sentences are
those of [reference.md](reference.md).
`

// docs/commands.md is every page of the help, as a terminal of 80 columns shows it.
func TestCommandsDoc(t *testing.T) {
	const path = "../../docs/commands.md"
	var doc strings.Builder
	doc.WriteString(commandsHead)
	page := func(title string, words ...string) {
		status, out, errs := ask(append(words, "--help")...)
		if status != 0 || errs != "" {
			t.Errorf("%s --help: status %d, %s", title, status, errs)
		}
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpColumns {
				t.Errorf("%s --help has a line of %d columns: %s", title, n, line)
			}
		}
		doc.WriteString("\n## " + title + "\n\n```\n" + out + "```\n")
	}
	page("qgen-sidecar")
	p := newProgram(&console{}, theTable())
	for _, name := range p.names() {
		page(name, strings.Fields(name)...)
	}
	if *update {
		must(t, os.WriteFile(path, []byte(doc.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), doc.String()); diff != "" {
		t.Errorf("%s is stale; make reference\n%s", path, diff)
	}
}

// Every command and every flag says what it is for, and every flag what it takes.
func TestEverythingIsDescribed(t *testing.T) {
	p := newProgram(&console{}, theTable())
	seen := 0
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Short == "" && cmd != p.root && !cmd.Hidden {
			t.Errorf("%s has no description", cmd.CommandPath())
		}
		for _, fs := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.PersistentFlags()} {
			fs.VisitAll(func(f *pflag.Flag) {
				seen++
				if len(f.Usage) < 8 {
					t.Errorf("%s --%s: %q is no description", cmd.CommandPath(), f.Name, f.Usage)
				}
				if f.NoOptDefVal == "" && valueWord(f) == "" {
					t.Errorf("%s --%s does not say what it takes", cmd.CommandPath(), f.Name)
				}
			})
		}
		for _, member := range cmd.Commands() {
			visit(member)
		}
	}
	visit(p.root)
	if seen < 100 {
		t.Errorf("%d flags seen, want 100 or more: is the table read right?", seen)
	}
}

// The closed sets are those that the flags' sentences name.
func TestClosedSetsAreDescribed(t *testing.T) {
	p := newProgram(&console{}, theTable())
	sets := 0
	for cmd := range p.rows {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			v, ok := f.Value.(*value)
			if !ok || v.oneOf == nil {
				return
			}
			sets++
			for _, name := range v.oneOf {
				if !strings.Contains(f.Usage, name) {
					t.Errorf("%s --%s takes %s, which its sentence does not name: %s", cmd.CommandPath(), f.Name, name, f.Usage)
				}
			}
		})
	}
	if sets < 10 {
		t.Errorf("%d closed sets seen, want 10 or more", sets)
	}
}

// A person who types the bare name at a terminal gets the help, not a program that
// waits for JSON-RPC.
func TestBareNameAtATerminal(t *testing.T) {
	if _, err := exec.LookPath("script"); err != nil {
		t.Skip("script, which gives a program a terminal, is not at hand")
	}
	cmd := exec.Command("script", "-qec", binary, "/dev/null")
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Setting up") || !strings.Contains(string(out), "--version") {
		t.Errorf("%v\n%s", err, out)
	}
}
