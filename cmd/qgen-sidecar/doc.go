// Command qgen-sidecar makes good questions for document chunks.
//
// Without a command it is the sidecar: JSON-RPC 2.0 on standard input and
// output for the application that spawned it (package rpc), or a go-plugin
// server when the plugin cookie is in the environment. With a command it does
// one thing for a person and ends: see commands.go for the table.
//
// This package is flags and wiring. Commands named after a method take the
// method's parameters as flags (flags.go), call it once in this process, and
// print a table on a terminal, JSON elsewhere (output.go). They open the store
// only when they need it, so they run beside a sidecar.
//
// Exit status: 0 done, 1 it failed (one line on standard error says what and
// why), 2 the command line is wrong.
package main
