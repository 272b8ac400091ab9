// Package review is the screen of qgen-sidecar gold review: a person looks through the
// gold set, looks for entries, rewords them and takes them out.
//
// # Basics
//
// Fill [Options] (the entries, and functions that reword, remove and restore one) and
// call [Run].
//
// # Promises
//
// A change is in the gold set before the screen says so; what could not be written is
// not shown as changed, and what was typed stays. Nothing is taken out by one key. What
// was taken out can be put back until the end.
//
// # Leaves out
//
// How the gold set is kept (package gold, through the caller's functions), and where
// there is no terminal: the caller prints the entries then.
package review
