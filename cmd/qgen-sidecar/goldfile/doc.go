// Package goldfile reads and writes the gold set in the files of other tools: JSON,
// JSON Lines, CSV, records of Argilla 2, and the (anchor, positive) pairs that
// sentence-transformers trains on.
//
// # Basics
//
// [Read] takes a file of any of these and gives gold entries, each as the JSON that the
// gold set keeps. [Write] lays a gold set out in one of gold.Formats.
//
// # Promises
//
// A file is read whole or not at all; what is wrong with it is an *api.FileError with the
// line, where that is known. JSON and JSON Lines keep entries whole, unknown keys too;
// CSV and Argilla's records keep the texts, the persona, type and format, and ids of 64
// bits; pairs keep the chunk and the question, and come back with an empty persona.
//
// # Leaves out
//
// Adding the entries to the gold set, and the rule by which a file may be replaced
// (engine/gold).
package goldfile
