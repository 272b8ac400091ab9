// Package serve answers Qdrant's own gRPC services over a local-mode folder,
// in the process and on loopback, so that any Qdrant client works on it.
//
// A request is read strictly: a field, condition, query or enum value that the
// compiled API does not have is refused by name, and what this server cannot
// do answers Unimplemented with the method's name. Nothing is ignored in
// silence but what tunes an index that a folder does not have (HNSW, shards,
// write ordering, read consistency, timeouts): searches here are exact and one
// process holds the data.
//
// Every write is one transaction and is on disk when it is answered, whatever
// `wait` says. A request is validated whole before any of it is applied. One
// that names missing points edits the others and then answers NotFound, as
// Qdrant does.
//
// Error codes and texts are Qdrant's: NotFound for collections and points,
// InvalidArgument for bad requests, AlreadyExists, Unauthenticated for a wrong
// api-key, Internal when the folder fails.
//
// A client in this process is answered without a connection (Direct), others
// over the listeners that Serve is given; both ways lead to the same methods.
//
// Left out: snapshots, shards, cluster, inference. A method's handler converts
// the message, calls package points, and converts the answer; semantics live in
// points.
package serve
