// Package stream stands between the JSON-RPC library and the messages on the wire.
//
// # Basics
//
// A [Stream] is the library's ObjectStream. It takes each message apart and checks it,
// gives every request a number of its own, and keeps parameters and results as bytes:
// through the library travels a ticket, which [Stream.Params] and [Stream.Redeem]
// give back the bytes for and [Stream.Deposit] makes.
//
// # Promises
//
// What is no valid message is refused here, with the id that it came with, and the
// stream goes on. Every request is answered once, under the caller's own id as it was
// spelled; the members of a batch in one array. A host that does not read its replies
// is not read from either.
//
// # Leaves out
//
// Methods, what they get and answer (rpc), and where a message ends (wire).
package stream
