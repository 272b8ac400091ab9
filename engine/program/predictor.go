package program

import (
	"encoding/json"
	"maps"
	"slices"
	"sync/atomic"

	"qgen-sidecar/engine/program/reply"
)

// Predictor is a signature with its demonstrations.
type Predictor struct {
	Name      string // "analyzer", "generator"
	Signature Signature
	Demos     []Demo

	extra map[string]json.RawMessage // traces, train, lm … as found in the file
	// heads holds the turns before the request, per form of the reply, as of the
	// contents they were made from.
	heads [reply.Forms]atomic.Pointer[rendered]
}

func (p *Predictor) clone() *Predictor {
	out := &Predictor{Name: p.Name, Signature: p.Signature.Clone(), Demos: slices.Clone(p.Demos), extra: maps.Clone(p.extra)}
	for i := range p.heads {
		out.heads[i].Store(p.heads[i].Load())
	}
	return out
}

// inputs are those of the values that the signature takes.
func (p *Predictor) inputs(known Values) Values {
	in := Values{}
	for _, f := range p.Signature.Inputs {
		if v, ok := known[f.Name]; ok {
			in[f.Name] = v
		}
	}
	return in
}

// shown are the demos in the order of the prompt: incomplete ones first, then
// complete ones, both in the order of the list; those that show nothing of the
// task are left out.
func (p *Predictor) shown() []Demo {
	var incomplete, complete []Demo
	for _, d := range p.Demos {
		switch {
		case d.Complete(p.Signature):
			complete = append(complete, d)
		case d.Usable(p.Signature):
			incomplete = append(incomplete, d)
		}
	}
	return append(incomplete, complete...)
}
