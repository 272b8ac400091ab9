// Package store is the engine's only door to the vector store: it reads chunks, searches
// them, and keeps the questions that are saved beside them.
//
// # Basics
//
// [New] opens nothing; [Store.Open], or the first call that needs the store, takes
// the folder's lock or connects to the server. A [Chunk] is a point with its text as
// every prompt, sample and gold entry has it; a [Walk] says which chunks are read one
// after another ([Store.EachChunk]). [Store.Prepare] and [Store.Save] save a question
// in the shape that [store.questions] of the config gives it, [SavedQuestion] is what
// is read again, and [Store.MarkStale] marks those whose chunk is gone or changed.
// [Describe] looks at a store that no config speaks of yet.
//
// # Promises
//
// Faults are *qdrantlock.StoreError or *qdrantlock.LockedError, whoever noticed them.
// What Save acknowledged is on disk. Ids are over all of uint64, or texts
// ([ID]). Qdrant's own types end here. Nothing but what is named is changed.
//
// # Leaves out
//
// Models: a question comes with its vector. How a folder is read and written
// (qdrantlock).
package store
