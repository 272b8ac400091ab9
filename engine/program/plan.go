package program

import "slices"

// The plan of a question: which type it has to be of, or must not be of. It is
// told to the predictor that chooses query_type and query_format, in a line of the
// last turn, so that the head of the prompt stays the same; and it is kept to
// whatever that predictor replies.

const (
	typeField   = "query_type"
	formatField = "query_format"
)

// Chosen is a question's type and format.
type Chosen struct{ Type, Format string }

// Plan of a question; the zero value leaves the choice free.
type Plan struct {
	Type  string   // the type to write for; "" any
	Taken []Chosen // of the chunk's earlier questions
}

func (p Plan) free() bool { return p.Type == "" && len(p.Taken) == 0 }

// chooses reports whether the predictor is the one that plans.
func (p *Predictor) chooses() bool {
	return slices.ContainsFunc(p.Signature.Outputs, func(f Field) bool { return f.Name == typeField })
}

// keep holds what the predictor chose to the plan: the planned type in its own
// spelling; and where the values are limited to a list, an unused one instead of
// one that is taken, as long as there is one.
func (plan Plan) keep(p *Predictor, got Values) Values {
	if plan.free() || !p.chooses() {
		return got
	}
	out := Values{}
	for name, v := range got {
		out[name] = v
	}
	if plan.Type != "" {
		out[typeField] = plan.Type
	}
	for _, f := range p.Signature.Outputs {
		switch {
		case f.Name == typeField && plan.Type == "":
			out[f.Name] = unused(f, out[f.Name], plan.taken(func(k Chosen) string { return k.Type }))
		case f.Name == formatField:
			out[f.Name] = unused(f, out[f.Name], plan.taken(func(k Chosen) string { return k.Format }))
		}
	}
	return out
}

func (plan Plan) taken(of func(Chosen) string) []string {
	var out []string
	for _, k := range plan.Taken {
		out = append(out, of(k))
	}
	return out
}

// unused is the value, or the next choice after it that is not taken.
func unused(f Field, value string, taken []string) string {
	at := slices.Index(f.Choices, value)
	if f.Kind != OneOf || at < 0 {
		return value
	}
	for i := range f.Choices {
		if next := f.Choices[(at+i)%len(f.Choices)]; !slices.Contains(taken, next) {
			return next
		}
	}
	return value
}
