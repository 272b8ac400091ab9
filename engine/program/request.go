package program

import (
	"strings"

	"qgen-sidecar/engine/program/reply"
	"qgen-sidecar/internal/clip"
)

// request is the last turn of a call: the inputs, what is asked for, and what is
// wanted of this one question.
func (p *Predictor) request(l layout, in Values, o RunOptions) Message {
	get := func(name string) (string, bool) { v, ok := in[name]; return v, ok }
	text := given(p.Signature.Inputs, get) + "\n\n" + l.ask(p.Signature.Outputs) +
		planLine(p, o.Plan) + avoidLine(o.Avoid) + refusedLine(o.Refused)
	return Message{"user", text}
}

// given writes fields under their markers; those that get does not know are
// left out.
func given(fields []Field, get func(string) (string, bool)) string {
	var parts []string
	for _, f := range fields {
		if v, ok := get(f.Name); ok {
			parts = append(parts, reply.Marker(f.Name)+"\n"+reply.Harmless(v))
		}
	}
	return strings.Join(parts, "\n\n")
}

// planLine says what is planned, as plain text in one line.
func planLine(p *Predictor, plan Plan) string {
	if plan.free() || !p.chooses() {
		return ""
	}
	var kinds []string
	for _, k := range plan.Taken {
		kinds = append(kinds, quotation(k.Type+", "+k.Format))
	}
	taken := "Questions of these types and formats are asked of this text already: " + strings.Join(kinds, "; ") + ". "
	switch {
	case plan.Type == "":
		return "\n\n" + taken + "Choose another type and another format."
	case len(plan.Taken) == 0:
		return "\n\nThe query type is planned: " + quotation(plan.Type) + ". Give it as it stands here, and choose the format for it."
	}
	return "\n\n" + taken + "The query type is planned: " + quotation(plan.Type) + ". Give it as it stands here, and choose another format for it."
}

// avoidLine names questions already asked, as plain text in one line.
func avoidLine(avoid []string) string {
	if len(avoid) == 0 {
		return ""
	}
	quoted := make([]string, len(avoid))
	for i, q := range avoid {
		quoted[i] = quotation(q)
	}
	return "\n\nAlready asked about this text, so ask for something else: " + strings.Join(quoted, "; ")
}

// refusedLine says what was wrong with a question, as plain text in one line.
func refusedLine(r *Refusal) string {
	if r == nil {
		return ""
	}
	return "\n\nYour question " + quotation(r.Query) + " was refused: " + quotation(r.Reason) + ". Ask one about this text without that fault."
}

// quotation is a text in one line, between marks.
func quotation(text string) string {
	return "«" + reply.Harmless(clip.OneLine(text)) + "»"
}
