// Package runfile is the file that stands beside a compiled program: how it was made,
// and which gold entry was in which part of the split.
//
// # Basics
//
// compile fills a [Run] and writes it with [Run.Encode] at [Path]; evaluate finds it
// with [Read] and asks [Run.PartOf].
//
// # Promises
//
// Files of earlier versions are read. A crash between the two files of a compile leaves
// the run file at [PendingPath], where Read finds it by the program's hash.
//
// # Leaves out
//
// When and whether it may be written (compile, outputs).
package runfile
