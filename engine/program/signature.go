package program

import "qgen-sidecar/engine/program/signature"

// What a call takes and gives, by the names that this package's callers use.
type (
	Signature = signature.Signature
	Field     = signature.Field
	Kind      = signature.Kind
	Values    = signature.Values
)

// The kinds of fields.
const (
	Text    = signature.Text
	Integer = signature.Integer
	OneOf   = signature.OneOf
)

// NewField is a Text field as DSPy makes one without a description.
func NewField(name string) Field { return signature.NewField(name) }

// Names of fields, separated by commas.
func Names(fields []Field) string { return signature.Names(fields) }
