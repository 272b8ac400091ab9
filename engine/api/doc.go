// Package api is what can be asked of the engine, and what it answers: the
// parameters and results of every method, and the errors.
//
// # Basics
//
// One Params and one Result type for each method, named after it; [Methods] is the
// table of the names with their types and sentences. JSON tags are the names on the
// wire: the door and the command line decode into these types strictly by
// [DecodeParams], the command line makes flags of their [Fields], and
// docs/reference.md and rpc.discover are generated from them. A `doc` tag is the
// reference's sentence for a field. A few types decode themselves, where a value has
// a short form, and say so by a [Shape]: [ProgramRef], [Split], [Metric], [ChunkID],
// [Offer].
//
// # Promises
//
// Values only: nothing here asks a model, opens a store or reads a file. An error
// has one type for what a caller can do about it, and says what was expected, what
// was found and where (errors.go); rpc maps types to codes in one table.
//
// # Leaves out
//
// What the methods do (package engine and its rooms), and how a message travels (rpc).
package api
