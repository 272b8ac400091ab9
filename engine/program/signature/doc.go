// Package signature is what one model call takes and gives: named fields, with the
// values that each may have.
//
// # Basics
//
// A [Signature] is instructions, inputs and outputs. A [Field] is a free text, a
// whole number or one of some choices. [NewField] makes a field as DSPy does,
// [Values] are the texts of a call's fields by name.
//
// # Promises
//
// Fields go in the order of DSPy's file: inputs, then outputs.
//
// # Leaves out
//
// How fields are shown to a model (program) and read from its reply (reply).
package signature
