// Package gate refuses questions: those that make sense only beside their text, copy
// it, are in another language, do not find it, are there already, or that it does not
// answer.
//
// # Basics
//
// [Check] reads the names of gates. [Keeper.Pass] asks them about a [Candidate], the
// cheap ones first, until one refuses. A [Tally] counts what each was asked, refused
// and paid for.
//
// # Promises
//
// A refusal says which gate and why. A candidate that is to be saved with others at
// the same time stands in their [Underway], so that two near questions of one job are
// not both saved; whoever asked for it calls [Candidate.Settle].
//
// # Leaves out
//
// The measures themselves (quality), and what becomes of a refused question (the
// verbs).
package gate
