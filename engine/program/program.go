package program

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// The wording of the unoptimised program; docs/compile.md shows its prompts.
const (
	defaultAnalyzer  = "Given a text chunk and a persona, determine the most relevant query type and format."
	defaultGenerator = "Given a chunk, persona, query type, and format, generate the final question."
)

// Program is the pipeline: analyzer, then generator.
type Program struct {
	Predictors []*Predictor
	metadata   json.RawMessage // as found; nil for a new program
}

// Options shape the unoptimised program; zero values are the default wording.
type Options struct {
	AnalyzerInstructions  string
	GeneratorInstructions string
	QueryTypes            []string // non-empty: query_type is one of these
	QueryFormats          []string
}

// New is the unoptimised program.
func New(o Options) *Program {
	chunk, persona := NewField("chunk_text"), NewField("persona_description")
	qtype, qformat := choice("query_type", o.QueryTypes), choice("query_format", o.QueryFormats)
	return &Program{Predictors: []*Predictor{
		{Name: "analyzer", Signature: Signature{
			Name:         "AnalyzeQueryRelevance",
			Instructions: cmp.Or(o.AnalyzerInstructions, defaultAnalyzer),
			Inputs:       []Field{chunk, persona},
			Outputs:      []Field{qtype, qformat},
		}},
		{Name: "generator", Signature: Signature{
			Name:         "GenerateFinalQuery",
			Instructions: cmp.Or(o.GeneratorInstructions, defaultGenerator),
			Inputs:       []Field{chunk, persona, NewField("query_type"), NewField("query_format")},
			Outputs:      []Field{NewField("query")},
		}},
	}}
}

func choice(name string, choices []string) Field {
	f := NewField(name)
	if len(choices) > 0 {
		f.Kind, f.Choices = OneOf, append([]string(nil), choices...)
	}
	return f
}

// Predictor finds by name; nil when missing.
func (p *Program) Predictor(name string) *Predictor {
	for _, pr := range p.Predictors {
		if pr.Name == name {
			return pr
		}
	}
	return nil
}

// Clone is a deep copy.
func (p *Program) Clone() *Program {
	out := &Program{metadata: p.metadata}
	for _, pr := range p.Predictors {
		out.Predictors = append(out.Predictors, pr.clone())
	}
	return out
}

// Reset is a clone without demonstrations, traces and bound models: what DSPy's
// reset_copy leaves, and every optimiser starts from.
func (p *Program) Reset() *Program {
	out := p.Clone()
	for _, pr := range out.Predictors {
		pr.Demos, pr.extra = nil, nil
	}
	return out
}

// Hash is the hex SHA-256 of what changes prompts: instructions, fields, demos.
// A re-save by DSPy keeps it.
func (p *Program) Hash() string {
	h := sha256.New()
	for _, pr := range p.Predictors {
		fmt.Fprintf(h, "predictor %q\ninstructions %q\n", pr.Name, pr.Signature.Instructions)
		fields := pr.Signature.Fields()
		for i, f := range fields {
			fmt.Fprintf(h, "field %q in=%t %q %d %d..%d %q\n", f.Name, i < len(pr.Signature.Inputs), f.Described(), f.Kind, f.Min, f.Max, f.Choices)
		}
		for _, d := range pr.shown() {
			for _, f := range fields {
				text, ok := d.Text(f.Name)
				fmt.Fprintf(h, "demo %q %t %q\n", f.Name, ok, text)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
