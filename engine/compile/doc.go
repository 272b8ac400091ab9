// Package compile makes a better program of a program and a gold set: it divides the set,
// has an optimiser search (optimize), and saves the best candidate with its run file.
//
// # Basics
//
// [Compiler.Compile] is the method compile, one call of it a [Job]. What the optimiser
// asks of us is in optimizeTask: teach, predict, judge, reflect. A dry run is the
// optimiser's plan, priced (estimate.go).
//
// # Promises
//
// Nothing is paid for before it is known that the program can be written. What was
// answered before a crash, a cancel or a spent budget is in the reply cache, so that the
// same call again pays only for the rest. Of what people decided, nothing is learned
// that was said of chunks in dev and test (lessons.go). Program and run file are
// replaced together or not at all.
//
// # Leaves out
//
// The search (optimize), the metric (metric), how a program is run (program).
package compile
