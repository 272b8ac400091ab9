// Package rpc is the door: it serves the engine's methods as JSON-RPC 2.0 on
// stdin and stdout, or on a go-plugin stream, to one host.
//
// # Basics
//
// [Serve] answers one host until it goes, [ServePlugin] does so behind go-plugin. A
// message travels so: wire splits the bytes into messages; stream checks them, gives
// every request a number of its own (the caller's id comes back as it was sent) and
// keeps parameters and results as bytes beside sourcegraph/jsonrpc2, which matches
// replies to calls; the session decides what may run now (serve.go, state.go,
// calls.go); run.go finds the handler of the method's name (methods.go), which
// decodes its parameters strictly and calls the [Service], which *engine.Engine is.
//
// # Promises
//
// Whatever the host sends is answered or ignored as JSON-RPC and LSP say, and the
// process serves on; memory is bounded by the message limit, the calls in flight and
// the write queue; every request is answered once; a panic costs one call; cancels
// are handled ahead of every queue; a host that is gone, or reads nothing, ends the
// session, and the end closes the Service.
//
// Errors become codes in one table (faults.go).
//
// # Leaves out
//
// What the methods are (api's table, from which rpc/reference makes OpenRPC and
// docs/reference.md) and do (engine), signals and the parent's death (rpc/process),
// flags (cmd), more than one host per process.
package rpc

//go:generate go test ./reference -run TestReference -update
