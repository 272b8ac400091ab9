// Package reference describes the service, from the Go types of api's method table.
//
// # Basics
//
// [OpenRPC] is the answer to rpc.discover, [Markdown] is docs/reference.md.
//
// # Promises
//
// Both say the same of every field: its type, whether it may be absent or null, and
// its sentence.
//
// # Leaves out
//
// The methods and their words (api) and their codes (rpc): the page repeats those.
package reference
