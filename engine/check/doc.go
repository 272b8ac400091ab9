// Package check measures a set of questions: those given, or those saved beside the
// chunks.
//
// # Basics
//
// [Checker.Check] is the method check-questions, one call of it a [Job]: the texts
// alone, whether each question finds its chunk (roundtrip.go), duplicates and diversity
// beside the gold set (diversity.go), and a report.
//
// # Promises
//
// What cannot be measured is null and a warning says why. Saved questions that are
// marked stale are left out and counted.
//
// # Leaves out
//
// The measures themselves (quality) and the gold set's own check (gold).
package check
