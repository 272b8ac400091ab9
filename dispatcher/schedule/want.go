package schedule

import (
	"container/list"
	"strings"
	"time"
)

// MaxTries is how often one endpoint may fail one call.
const MaxTries = 4

// Want is a call's wish for an endpoint, for one attempt after another. Between
// attempts it is the caller's; while it waits, the scheduler's.
type Want struct {
	Eligible []Target
	Names    string // of the eligible endpoints: calls with the same ones may go to the same places
	Order    int    // the job's own: lower ones first

	job      string
	home     string // the flow of a call that nothing has failed yet
	flow     string // calls of one flow are served in order
	priority Priority
	tokens   int
	tries    []int // failures of this call, by index in Eligible

	wasStuck bool // when it began to wait, no limit was what it waited for

	seq     uint64      // order of arrival, kept over retries
	since   time.Time   // waiting
	granted chan *Lease // receives the lease; closed: nobody is left to grant one
	place   *list.Element
}

// NewWant is the wish of a job's call that may use so many tokens. A priority that
// there is none of counts as the last.
func NewWant(eligible []Target, p Priority, job string, tokens int) Want {
	names := make([]string, len(eligible))
	for i, e := range eligible {
		names[i] = e.Name
	}
	if p < Interactive || p > Batch {
		p = Batch
	}
	w := Want{Eligible: eligible, Names: strings.Join(names, "\x00"), job: job, priority: p, tokens: tokens, tries: make([]int, len(eligible))}
	w.home = job + "\x00" + w.Names
	w.flow = w.home
	return w
}

// Failed notes that the i-th eligible endpoint failed the call, as so many of the
// tries that it has (MaxTries: for good). Not while the call waits.
func (w *Want) Failed(i, tries int) {
	w.tries[i] += tries
	w.flow = w.home + "\x00" + triesName(w.tries)
}

// triesName keeps retries in a flow of those that may go to the same places.
func triesName(tries []int) string {
	b := make([]byte, len(tries))
	for i, n := range tries {
		b[i] = '0' + byte(min(n, MaxTries))
	}
	return string(b)
}

// Rounds is how often every eligible endpoint has failed the call.
func (w *Want) Rounds() int {
	rounds := MaxTries
	for _, n := range w.tries {
		rounds = min(rounds, n)
	}
	return rounds
}

// WasStuck: when the call last began to wait, only endpoints that have failed it,
// are down or dead were left, and no limit was what it waited for.
func (w *Want) WasStuck() bool { return w.wasStuck }

// usable reports whether the i-th eligible endpoint may still answer the call.
func (w *Want) usable(i int) bool {
	return w.Eligible[i].dead == "" && w.tries[i] < MaxTries
}

// hopeless: every eligible endpoint is dead or has failed the call for good.
func (w *Want) hopeless() bool {
	for i := range w.Eligible {
		if w.usable(i) {
			return false
		}
	}
	return true
}

// stuck: every eligible endpoint is dead, has failed the call, or is down.
// Only limits then are not what the call waits for.
func (w *Want) stuck() bool {
	for i, e := range w.Eligible {
		if w.usable(i) && w.tries[i] == 0 && !e.open() {
			return false
		}
	}
	return true
}

func (w *Want) untried() bool {
	for i := range w.Eligible {
		if w.usable(i) && w.tries[i] == 0 {
			return true
		}
	}
	return false
}

// without is the wish for another endpoint than one.
func (w *Want) without(busy *Endpoint) Want {
	other := *w
	other.tries = append([]int(nil), w.tries...)
	for i, e := range other.Eligible {
		if e.Endpoint == busy {
			other.tries[i] = MaxTries
		}
	}
	return other
}

// before reports whether w is served before o of the same flow: by the job's own
// order, then by arrival, so that a retry comes before younger calls.
func (w *Want) before(o *Want) bool {
	return w.Order < o.Order || w.Order == o.Order && w.seq < o.seq
}
