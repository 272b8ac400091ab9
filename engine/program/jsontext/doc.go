// Package jsontext writes JSON in the bytes of DSPy's own writer, orjson.
//
// # Basics
//
// [AppendString] and [WriteObject] write, [Object] reads an object's keys in their
// order with canonical values, [Text] is a value as text.
//
// # Promises
//
// Texts are unescaped but for what JSON demands: Go's own escapes of <, >, & and
// U+2028 would change bytes. The order of keys and the spelling of numbers stay.
//
// # Leaves out
//
// Indent, and JSON of hosts and files of others: internal/jsonvalue.
package jsontext
