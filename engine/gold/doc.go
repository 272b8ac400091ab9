// Package gold reads and writes the gold set: the questions that people chose, which
// a program is optimised and measured against.
//
// # Basics
//
// [Read] reads a file, a JSON array of entries; [Open] makes a [Set], which changes
// one: [Set.Add], [Set.Remove] and [Set.Reword]. [Parse] and [New] make an [Entry]
// from JSON and from values. [Divide] splits a set into train, dev and test, [Check]
// looks for bad examples, [Export] writes other layouts; [Scores] are what people gave
// to outputs, beside the set.
//
// # Promises
//
// A key that we do not know stays in its entry, as it was written, and the entries
// keep their order. A change is read, made and written whole under the lock
// "<file>.lock", so two writers lose nothing of each other; it is on disk when the
// call returns. A bad entry is a [*api.FileError] with its line.
//
// # Leaves out
//
// How other layouts are made and read (cmd), and how a person decided (decisions).
package gold
