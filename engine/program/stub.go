package program

import (
	"context"
	"encoding/json"
	"errors"
)

var errUnbuilt = errors.New("program: not built yet")

// New is the unoptimised program.
func New(o Options) *Program { return nil }

// Load reads DSPy's state file into the program that o describes (types are
// not saved by DSPy). *FileError when it cannot be used.
func Load(path string, o Options) (*Program, error) { return nil, errUnbuilt }

// Save replaces path atomically with DSPy's state file.
func (p *Program) Save(path string) error { return errUnbuilt }

// Hash is the hex SHA-256 of what changes prompts: instructions, fields, demos.
func (p *Program) Hash() string { return "" }

// Clone is a deep copy.
func (p *Program) Clone() *Program { return nil }

// Predictor finds by name; nil when missing.
func (p *Program) Predictor(name string) *Predictor { return nil }

// Run asks the analyzer, then the generator.
func (p *Program) Run(ctx context.Context, m Model, in Values, o RunOptions) (Prediction, error) {
	return Prediction{}, errUnbuilt
}

// Messages lays out one call: pure, the same inputs give the same bytes.
func (p *Predictor) Messages(in Values) []Message { return nil }

// Predict asks one signature once (with the layout rule of m) and returns its
// typed outputs. Used for the pipeline's predictors and for every other
// signature (judge, suggestions, gates).
func Predict(ctx context.Context, m Model, p *Predictor, in Values, o RunOptions) (Values, Answer, error) {
	return nil, Answer{}, errUnbuilt
}

// ParseMarkers and ParseJSON read a reply into the output fields of s.
func ParseMarkers(s Signature, reply string) (Values, error) { return nil, errUnbuilt }
func ParseJSON(s Signature, reply string) (Values, error)    { return nil, errUnbuilt }

// Schema is the response_format object that asks for s's outputs as JSON.
func Schema(s Signature) json.RawMessage { return nil }

// NewDemo keeps keys in the order given: name, value, name, value …
func NewDemo(augmented bool, pairs ...string) Demo { return Demo{} }

// Text is a demo's field as text, and whether it is there (and not null).
func (d Demo) Text(field string) (string, bool) { return "", false }

// Complete reports whether every field of s is there; Usable whether at least
// one input and one output field are.
func (d Demo) Complete(s Signature) bool { return false }
func (d Demo) Usable(s Signature) bool   { return false }

// MarshalJSON keeps the key order.
func (d Demo) MarshalJSON() ([]byte, error)     { return nil, errUnbuilt }
func (d *Demo) UnmarshalJSON(data []byte) error { return errUnbuilt }
