package gate

import (
	"sync"

	"qgen-sidecar/engine/api"
)

// Tally counts gates. Safe for concurrent use.
type Tally struct {
	mu     sync.Mutex
	counts map[string]*api.GateCount
}

// Count counts one asking.
func (t *Tally) Count(gate string, refused bool, paid api.Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]*api.GateCount{}
	}
	n := t.counts[gate]
	if n == nil {
		n = &api.GateCount{Gate: gate, Usage: NothingPaid()}
		t.counts[gate] = n
	}
	n.Asked++
	if refused {
		n.Refused++
	}
	n.Usage = n.Usage.Plus(paid)
}

// NothingPaid is the usage of what cost nothing; its price is known to be 0.
func NothingPaid() api.Usage { return api.Usage{USD: new(float64)} }

// List is in the order in which the gates are asked; never nil.
func (t *Tally) List() []api.GateCount {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []api.GateCount{}
	for _, gate := range All {
		if n := t.counts[gate]; n != nil {
			out = append(out, *n)
		}
	}
	return out
}
