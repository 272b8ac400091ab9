package program

import (
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/program/reply"
	"qgen-sidecar/internal/clip"
)

// Messages lays out one call, reply under markers: pure, the same inputs give
// the same bytes. Inputs missing from in are left out.
func (p *Predictor) Messages(in Values) []Message { return p.messages(byMarkers, in) }

// MessagesJSON is Messages for a reply as JSON by [Schema].
func (p *Predictor) MessagesJSON(in Values) []Message { return p.messages(byJSON, in) }

func (p *Predictor) messages(l layout, in Values) []Message {
	return p.head(l).followedBy(p.request(l, in, RunOptions{}))
}

// head is the system message and the demonstrations. They are rendered again
// only when the predictor changed since.
func (p *Predictor) head(l layout) *Head {
	kept := &p.heads[l.form()]
	if c := kept.Load(); c != nil && c.stillOf(p.Signature, p.Demos) {
		return &c.head
	}
	c := &rendered{signature: p.Signature.Clone(), demos: slices.Clone(p.Demos)}
	c.head.Messages = []Message{{"system", system(l, p.Signature)}}
	for _, d := range p.shown() {
		c.head.Messages = append(c.head.Messages, turns(l, p.Signature, d)...)
	}
	kept.Store(c)
	return &c.head
}

// system says what the task is, which fields come and go, and how to reply.
func system(l layout, s Signature) string {
	return "Task: " + strings.TrimSpace(reply.Harmless(s.Instructions)) +
		"\n\nEach user turn gives these fields:\n" + list(s.Inputs) +
		"\nYou reply with these fields:\n" + list(s.Outputs) +
		"\n" + l.rules(s.Outputs)
}

func list(fields []Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString("- `" + f.Name + "`")
		if d := f.Described(); d != "" {
			b.WriteString(": " + clip.OneLine(reply.Harmless(d)))
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
		return "exactly one of: " + reply.Harmless(strings.Join(f.Choices, "; "))
	case f.Kind == Integer && f.Bounded():
		return fmt.Sprintf("a whole number from %d to %d, nothing else", f.Min, f.Max)
	case f.Kind == Integer:
		return "a whole number, nothing else"
	}
	return ""
}

const partial = "Here is an example in which some fields are left out."

// turns shows one demonstration as a user and an assistant turn.
func turns(l layout, s Signature, d Demo) []Message {
	user := given(s.Inputs, d.Text)
	if !d.Complete(s) {
		user = partial + "\n\n" + user
	}
	return []Message{{"user", user}, {"assistant", l.answer(s.Outputs, d)}}
}
