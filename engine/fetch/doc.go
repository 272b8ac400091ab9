// Package fetch draws a uniform random sample of a collection's chunks, from which a
// person picks the gold set.
//
// # Basics
//
// [Fetcher.Fetch] is the method fetch.
//
// # Promises
//
// The same seed on the same data gives the same sample in the same order, and a larger
// count begins with the smaller one's. Points without a text are counted, not drawn.
// A file that is not a sample stays as it is.
//
// # Leaves out
//
// What a chunk's text is (store).
package fetch
