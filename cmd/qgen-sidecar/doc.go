// Command qgen-sidecar makes good questions for document chunks.
//
// # Basics
//
// Without a command it is the sidecar: JSON-RPC 2.0 on standard input and output for the
// application that spawned it (package rpc), or a go-plugin server when the plugin cookie
// is in the environment. With a command it does one thing for a person and ends: see
// commands.go for the table.
//
// This package is flags and wiring, in three layers. tree.go makes cobra's tree of the
// table in commands.go, and main.go runs the command of a line and turns its end into an
// exit status; wrong lines are worded in args.go, help in help.go, completion in
// completion.go. Commands are a small file each; those named after a method
// take the method's parameters as flags (method.go, flags.go, value.go,
// choices.go). They stand on console.go: the streams and common flags, an engine in
// engine.go, and show in output.go.
//
// # Promises
//
// A result is shown on a terminal as its view (package view); elsewhere, and with --json,
// it is the result's JSON. Help goes to standard output within 80 columns, and is
// docs/commands.md. Commands open the store only when they need it, so they run
// beside a sidecar. Exit status: 0 done, 1 it failed (one line on standard error says what
// and why), 2 the command line is wrong.
//
// # Leaves out
//
// How results look (view), other tools' files of the gold set (goldfile), the screens to
// pick and review gold questions (engine/annotate), and all of the work (engine).
//
//go:generate go test . -run TestCommandsDoc -update
package main
