package program

import (
	"slices"
	"sync"

	"qgen-sidecar/engine/program/signature"
)

// Message is one chat message.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Head is what every call of a predictor begins with: the system message and the
// demonstrations.
type Head struct {
	Messages []Message

	made  sync.Once
	value any
}

// Made is what an LM makes of the messages, made once.
func (h *Head) Made(of func([]Message) any) any {
	h.made.Do(func() { h.value = of(h.Messages) })
	return h.value
}

// followedBy is the head and the call's own turn.
func (h *Head) followedBy(turn Message) []Message {
	return append(slices.Clip(h.Messages), turn)
}

// rendered is a head with what it was made from.
type rendered struct {
	head      Head
	signature Signature
	demos     []Demo
}

// stillOf reports whether the head would come out the same again. Demos are
// immutable, so comparing them is comparing pointers.
func (r *rendered) stillOf(s Signature, demos []Demo) bool {
	return r.signature.Instructions == s.Instructions && slices.Equal(r.demos, demos) &&
		signature.Same(r.signature.Inputs, s.Inputs) && signature.Same(r.signature.Outputs, s.Outputs)
}
