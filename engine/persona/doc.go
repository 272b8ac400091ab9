// Package persona chooses who would ask about a chunk: from the host, a file, a
// collection, or nobody.
//
// # Basics
//
// [New] makes a [Chooser]. [Chooser.Choose] is one persona for a text,
// [Chooser.For] the same for a verb that may have been given one, and
// [Chooser.Fitting] the best fitting ones, which a person chooses another from.
//
// # Promises
//
// The personas of a file are read and embedded once, and again when the file is
// another one; their vectors are kept in memory, and of lm.embed in the reply cache. Nothing is guessed: a file or
// collection without a usable description is an error that names the setting, and a
// source that needs embeddings says so before anything is asked.
//
// # Leaves out
//
// Whose configuration says what (config); how the host is reached (rpc); the
// requests for embeddings (lm) and the collection's search (store).
package persona
