// Package programs finds the program that a parameter means, keeps it in memory as
// long as its file stays the same, and keeps a copy of each that wrote saved
// questions.
//
// # Basics
//
// [Cache.Load] takes a reference (absent, null or a path); [Cache.Unoptimised] is the
// start that is optimised. [Loaded] is a program with its path and hash, as results
// name it. [Cache.Keep] keeps a copy under its hash in .qgen/programs, from which
// [Cache.WithHash] can say years later what a question was asked with.
//
// # Promises
//
// A program is read once, and again when its file is another one. While a changed
// file cannot be read, the call fails; the old program is not used in its stead.
//
// # Leaves out
//
// What a program is, and the file's format (program); compiling it.
package programs
