// Package annotate is the terminal tool with which a person picks the gold
// questions: a chunk, a persona, a few suggestions, one key to take one.
//
// # Basics
//
// Fill [Options] (chunks, a function that suggests, functions that put a question
// into the gold set and take it out again) and call [Run]. On a terminal it is a full
// screen, elsewhere it asks and reads lines, so that a pipe or a screen reader can use
// it.
//
// # Promises
//
// Every decision is in the journal, synced, and in the gold set before the next item
// is drawn; quitting, also by kill -9, loses nothing; any number of decisions can be
// undone, also after a restart. The next items' suggestions are made ahead, at most
// two of them. An endpoint that fails is a line on the screen: one can always write an
// own question.
//
// # Leaves out
//
// Where chunks come from, how suggestions are made and how the gold file is kept: those
// are the caller's functions. The journal is package decisions', drawing and reading
// lines package terminal's; looking through the gold set and scoring outputs are tools
// of their own, packages review and scoring.
package annotate
