package program

import (
	"fmt"
	"strings"

	"qgen-sidecar/internal/clip"
)

// The prompt's layout. Order and markers are DSPy's, so that a program carries
// over; the words are ours.

// Message is one chat message.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// prefix is everything before the request, with what it was made from.
type prefix struct {
	head    Head
	inputs  []Field
	outputs []Field
	instr   string
	demos   []Demo
}

const (
	byMarkers = 0
	byJSON    = 1
)

// Messages lays out one call, reply under markers: pure, the same inputs give
// the same bytes. Inputs missing from in are left out.
func (p *Predictor) Messages(in Values) []Message { return p.messages(in, byMarkers) }

// MessagesJSON is Messages for a reply as JSON by [Schema].
func (p *Predictor) MessagesJSON(in Values) []Message { return p.messages(in, byJSON) }

func (p *Predictor) messages(in Values, layout int) []Message {
	return p.request(p.head(layout), in, layout, RunOptions{})
}

// request adds the last turn to the head.
func (p *Predictor) request(head *Head, in Values, layout int, o RunOptions) []Message {
	out := make([]Message, len(head.Messages), len(head.Messages)+1)
	copy(out, head.Messages)
	get := func(name string) (string, bool) { v, ok := in[name]; return v, ok }
	request := given(p.Signature.Inputs, get) + "\n\n" + p.ask(layout) + planLine(p, o.Plan) + avoidLine(o.Avoid) + refusedLine(o.Refused)
	return append(out, Message{"user", request})
}

// head is the system message and the demonstrations. They are rendered again
// only when the predictor changed since; demos are immutable, so comparing them
// is comparing pointers.
func (p *Predictor) head(layout int) *Head {
	if c := p.rendered[layout].Load(); c != nil && c.stillOf(p) {
		return &c.head
	}
	s := p.Signature.clone()
	c := &prefix{instr: s.Instructions, inputs: s.Inputs, outputs: s.Outputs, demos: append([]Demo(nil), p.Demos...)}
	c.head.Messages = []Message{{"system", system(p.Signature, layout)}}
	for _, d := range p.shown() {
		c.head.Messages = append(c.head.Messages, p.turns(d, layout)...)
	}
	p.rendered[layout].Store(c)
	return &c.head
}

func (c *prefix) stillOf(p *Predictor) bool {
	if c.instr != p.Signature.Instructions || len(c.demos) != len(p.Demos) {
		return false
	}
	for i := range c.demos {
		if c.demos[i] != p.Demos[i] {
			return false
		}
	}
	return sameFields(c.inputs, p.Signature.Inputs) && sameFields(c.outputs, p.Signature.Outputs)
}

// system says what the task is, which fields come and go, and how to reply.
func system(s Signature, layout int) string {
	var b strings.Builder
	b.WriteString("Task: " + strings.TrimSpace(harmless(s.Instructions)))
	b.WriteString("\n\nEach user turn gives these fields:\n" + list(s.Inputs))
	b.WriteString("\nYou reply with these fields:\n" + list(s.Outputs))
	if layout == byJSON {
		b.WriteString("\nA reply is one JSON object with exactly these keys, in this order, and nothing around it.")
		return b.String()
	}
	b.WriteString("\nA reply is nothing but the fields in this order. Each one is a line with its marker, as it stands here, then its value on the lines after; the last marker closes the reply:\n")
	for _, f := range s.Outputs {
		b.WriteString("\n" + marker(f.Name) + "\n{" + f.Name + "}\n")
	}
	b.WriteString("\n" + marker(completed))
	return b.String()
}

func list(fields []Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString("- `" + f.Name + "`")
		if d := f.described(); d != "" {
			b.WriteString(": " + clip.OneLine(harmless(d)))
		}
		if t := typeNote(f); t != "" {
			b.WriteString(" — " + t)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// typeNote says what values are allowed; "" for free text.
func typeNote(f Field) string {
	switch {
	case f.Kind == OneOf:
		return "exactly one of: " + harmless(strings.Join(f.Choices, "; "))
	case f.Kind == Integer && f.bounded():
		return fmt.Sprintf("a whole number from %d to %d, nothing else", f.Min, f.Max)
	case f.Kind == Integer:
		return "a whole number, nothing else"
	}
	return ""
}

// ask is the request's last line. It names the outputs within the line: a
// marker on a line of its own would read as an input.
func (p *Predictor) ask(layout int) string {
	names := make([]string, len(p.Signature.Outputs))
	for i, f := range p.Signature.Outputs {
		names[i] = "`" + marker(f.Name) + "`"
		if layout == byJSON {
			names[i] = "`" + f.Name + "`"
		}
	}
	if layout == byJSON {
		return "Respond with one JSON object that holds " + strings.Join(names, ", then ") + "."
	}
	return "Respond with " + strings.Join(names, ", then ") + ", and close with `" + marker(completed) + "`."
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
	return "«" + harmless(clip.OneLine(text)) + "»"
}

// given writes fields under their markers; those that get does not know are
// left out.
func given(fields []Field, get func(string) (string, bool)) string {
	var parts []string
	for _, f := range fields {
		if v, ok := get(f.Name); ok {
			parts = append(parts, marker(f.Name)+"\n"+harmless(v))
		}
	}
	return strings.Join(parts, "\n\n")
}
