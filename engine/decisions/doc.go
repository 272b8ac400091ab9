// Package decisions is the file of what a person decided while picking gold
// questions: gold.journal.jsonl, beside the gold set.
//
// Basics: [Open] reads the lines and lets one process append more; [Standing]
// reads a journal for others: what came of it, without what was undone.
//
// Promises: a line is on disk before [Journal.Append] returns, and nothing of it is
// in the file when that fails; a last line that a crash cut off is taken away, as
// it was never acknowledged; nothing else is ever changed, and a file of something
// else not at all. Keys are only ever added.
//
// Leaves out: what follows from a decision (package annotate), and the gold set.
package decisions
