// Package outputs is the one rule on which files a method may write: it replaces, or
// appends to, a file only if the file is empty or holds what this method writes, and
// never one that has another purpose here, whatever it holds.
//
// # Basics
//
// A [Kind] is what one method writes, and how its files are known again; each verb has
// its own. [New] takes what has a purpose here. [Guard.MayWrite] is asked before
// anything is paid for, and again, by [Guard.Replace], when the file is written.
//
// # Promises
//
// Every refusal is a *api.FileError that says what was found, in which line, and what
// to do; a refused file stays as it is. Two names of one file (links, a relative path)
// are one file.
//
// # Leaves out
//
// How files are read, locked and replaced (files, internal/atomicfile).
package outputs
