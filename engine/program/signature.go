package program

import "strings"

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

// described is what is rendered of the description.
func (f Field) described() string {
	if f.Desc == "${"+f.Name+"}" {
		return ""
	}
	return strings.TrimSpace(f.Desc)
}

// bounded reports whether an Integer has a range.
func (f Field) bounded() bool { return f.Max > f.Min }

// fields are inputs, then outputs: the order of DSPy's file.
func (s Signature) fields() []Field {
	return append(append(make([]Field, 0, len(s.Inputs)+len(s.Outputs)), s.Inputs...), s.Outputs...)
}

// setTexts gives field i (in the order of fields) its prefix and description.
func (s *Signature) setTexts(i int, prefix, desc string) {
	f := &s.Inputs
	if i >= len(s.Inputs) {
		f, i = &s.Outputs, i-len(s.Inputs)
	}
	(*f)[i].Prefix, (*f)[i].Desc = prefix, desc
}

func (s Signature) clone() Signature {
	s.Inputs = cloneFields(s.Inputs)
	s.Outputs = cloneFields(s.Outputs)
	return s
}

func cloneFields(in []Field) []Field {
	out := append([]Field(nil), in...)
	for i := range out {
		out[i].Choices = append([]string(nil), out[i].Choices...)
	}
	return out
}

func sameFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].same(b[i]) {
			return false
		}
	}
	return true
}

// same compares what a prompt shows of two fields.
func (f Field) same(g Field) bool {
	if f.Name != g.Name || f.Desc != g.Desc || f.Kind != g.Kind || f.Min != g.Min || f.Max != g.Max ||
		f.Optional != g.Optional || len(f.Choices) != len(g.Choices) {
		return false
	}
	for i := range f.Choices {
		if f.Choices[i] != g.Choices[i] {
			return false
		}
	}
	return true
}
