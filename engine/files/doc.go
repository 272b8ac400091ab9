// Package files reads and writes the files of a working folder.
//
// # Basics
//
// [Replace] replaces a file whole. [ReadArray] reads a file that is one JSON array,
// [ReadLines] one of JSON lines, [ReadLog] one that we append to ourselves, whose
// last line may be half. [Lock] is an exclusive lock that the system frees when the
// process ends.
//
// # Promises
//
// Every fault is an *api.FileError with the path and, where there is one, the line.
// What is handed out holds nothing that a host could not read back
// (jsonvalue.Unsound).
//
// # Leaves out
//
// Which files may be written (the caller asks before), and what stands in them.
package files
