// Package reply reads what a model answered into the output fields of a signature.
//
// # Basics
//
// [Read] reads a reply that was asked for in a [Form]: [ParseMarkers] takes fields
// under their markers, [ParseJSON] a JSON object, and each is tried where the other
// finds nothing. [Marker], [Closing] and [Harmless] are how a prompt writes what is
// read here.
//
// # Promises
//
// Everything is pure. Replies are read forgivingly where nothing can be mistaken
// (bold or indented markers, fenced JSON, "Score: 4", "4/5") and refused where
// something could (a score out of range, two choices in one answer, a value cut off
// by the token limit). What a model thinks aloud is no answer, and the tokens of its
// chat template are no part of a value. An error says what was expected and found,
// never a guess.
//
// A field's text may hold anything, lines that look like markers included: they are
// made harmless on the way out and restored on the way back (see marker.go).
//
// # Leaves out
//
// Asking again, and the words of the prompt: those are program's.
package reply
