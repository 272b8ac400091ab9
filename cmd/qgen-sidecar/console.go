package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// console is what a command stands on: its streams, what every command's flags say,
// and what shows progress. Tests give it other streams.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool // stdout is one
	columns        int  // of that terminal; 0: not known
	errTerminal    bool // stderr is one

	config string // --config
	json   bool   // --json
	bar    *bar   // what shows progress; nil: nothing

	root *cobra.Command                               // the commands
	find func(words []string) (*cobra.Command, error) // one of them
}

func newConsole() *console {
	columns, _, _ := term.GetSize(int(os.Stdout.Fd()))
	return &console{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, columns: columns,
		terminal: term.IsTerminal(int(os.Stdout.Fd())), errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// interactive: a person can be shown a screen and answer it.
func (c *console) interactive() bool {
	f, ok := c.stdin.(*os.File)
	return c.terminal && ok && term.IsTerminal(int(f.Fd()))
}
