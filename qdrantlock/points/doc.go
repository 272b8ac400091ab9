// Package points is one collection in memory: which points match a filter, in
// which order they come, how near they are to a query, and how a batch of
// changes is applied. Its semantics are Qdrant's, as the Python client's local
// mode shows them, so that a host sees the same answers as before.
//
// A Collection stands over a Source (a folder's collection, or a map in tests)
// and loads from it no more than a call needs: ids at the first call, payloads
// at the first filter, vectors at the first search. Vectors lie in one float32
// matrix per name, of unit length under Cosine, and are scanned on all cores;
// every search is exact.
//
// Promises:
//
//   - Readers go through View and never see half a batch; writers go through
//     Update, one at a time. What Update acknowledged is on disk.
//   - Memory changes only after the Source has written. When a write fails the
//     memory is thrown away and read again.
//   - A payload edit does not touch the vectors on disk: rows are re-read with
//     their float64 numbers before they are written again.
//   - A condition that is not known is refused by name. It is never ignored: a
//     filter that lost a condition would match too much.
//   - Values of a payload are never changed in place, so what View hands out
//     stays valid after it returned.
//
// Order: integers ascending, then UUIDs ascending. Equal scores come in that
// order too, though no client should rely on it.
//
// Left out: approximate indexes, payload indexes, text scoring. gRPC and its
// errors are package serve's business; errors here are Error values with a Kind.
package points
