package signature

import (
	"slices"
	"strings"
)

// Kind is the type of a field's value.
type Kind int

const (
	Text    Kind = iota
	Integer      // in Min..Max; any whole number when Max <= Min
	OneOf        // one of Choices
)

// Field is one input or output of a signature. Prefix is what DSPy saves
// ("Chunk Text:") and nobody renders; Desc is rendered, "" and "${name}" are not.
type Field struct {
	Name, Prefix, Desc string
	Kind               Kind
	Min, Max           int
	Choices            []string
	// Optional lets an output be empty or missing, e.g. a judge's reason. Every
	// other output must be there, and a Text must not be empty.
	Optional bool
}

// Signature is what one model call takes and gives.
type Signature struct {
	Name         string // AnalyzeQueryRelevance, GenerateFinalQuery, …
	Instructions string
	Inputs       []Field
	Outputs      []Field
}

// Values maps field names to their text.
type Values map[string]string

// NewField is a Text field as DSPy makes one without a description: the prefix
// is the name in title case, the description "${name}".
func NewField(name string) Field {
	return Field{Name: name, Prefix: prefixOf(name), Desc: "${" + name + "}"}
}

// prefixOf is DSPy's rule for snake_case names: chunk_text gives "Chunk Text:".
func prefixOf(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ") + ":"
}

// Described is what is rendered of the description.
func (f Field) Described() string {
	if f.Desc == "${"+f.Name+"}" {
		return ""
	}
	return strings.TrimSpace(f.Desc)
}

// Bounded reports whether an Integer has a range.
func (f Field) Bounded() bool { return f.Max > f.Min }

// Fields are inputs, then outputs: the order of DSPy's file.
func (s Signature) Fields() []Field {
	return append(append(make([]Field, 0, len(s.Inputs)+len(s.Outputs)), s.Inputs...), s.Outputs...)
}

// At is field i in the order of Fields, to be changed.
func (s *Signature) At(i int) *Field {
	if n := len(s.Inputs); i >= n {
		return &s.Outputs[i-n]
	}
	return &s.Inputs[i]
}

// Names of fields, separated by commas.
func Names(fields []Field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return strings.Join(out, ", ")
}

// Clone is a deep copy.
func (s Signature) Clone() Signature {
	s.Inputs = cloneFields(s.Inputs)
	s.Outputs = cloneFields(s.Outputs)
	return s
}

func cloneFields(in []Field) []Field {
	out := slices.Clone(in)
	for i := range out {
		out[i].Choices = slices.Clone(out[i].Choices)
	}
	return out
}

// Same reports whether a prompt shows the same of both lists of fields.
func Same(a, b []Field) bool { return slices.EqualFunc(a, b, Field.same) }

// same compares what a prompt shows of two fields.
func (f Field) same(g Field) bool {
	return f.Name == g.Name && f.Desc == g.Desc && f.Kind == g.Kind && f.Min == g.Min && f.Max == g.Max &&
		f.Optional == g.Optional && slices.Equal(f.Choices, g.Choices)
}
