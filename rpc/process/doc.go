// Package process is the sidecar as a child process: how it learns that it should
// end, and how its standard output is kept for the protocol.
//
// # Basics
//
// [WithLife] is a context that ends with signals and with the parent's death,
// [HungUp] tells that a pipe's other end was closed, [TakeStdout] sets standard
// output apart.
//
// # Promises
//
// The parent's death is seen also after SIGKILL, and while something else still
// holds the pipe open. Whatever a library prints goes to standard error.
//
// # Leaves out
//
// Messages (wire) and what happens at the end of a session (rpc).
package process
