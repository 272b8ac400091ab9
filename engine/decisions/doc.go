// Package decisions is the file of what a person decided while picking gold questions,
// gold.journal.jsonl, beside the gold set.
//
// # Basics
//
// [Open] reads the lines and lets one process append more. [Standing] reads a journal
// for others: what came of it, without what was undone. [Merge] puts what others took
// into the gold set, and says how far they and this person agree.
//
// # Promises
//
// A line is on disk before [Journal.Append] returns, and nothing of it is in the file
// when that fails; a last line that a crash cut off is taken away, as it was never
// acknowledged; nothing else is ever changed, and a file of something else not at all.
// Keys are only ever added. Whoever only reads, merging too, changes no journal.
//
// # Leaves out
//
// What follows from a decision while it is made (package annotate), and the gold set
// itself (package gold): Merge is given what it needs of it.
package decisions
