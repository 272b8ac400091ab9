package optimize

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"qgen-sidecar/internal/fault"
)

const (
	labeledFewShot   = "labeled-few-shot"
	bootstrapFewShot = "bootstrap-few-shot"
	randomSearch     = "bootstrap-few-shot-random-search"
	reflective       = "reflective"
	reflectiveDemos  = "reflective+bootstrap"
)

// names of the optimisers.
var names = []string{labeledFewShot, bootstrapFewShot, randomSearch, reflective, reflectiveDemos}

// Settings are compile's parameter optimizer. An empty Name, MaxRounds 0,
// MinibatchSize 0, Concurrency 0 and MaxErrors 0 stand for the defaults; for the other numbers 0
// means none.
type Settings struct {
	Name                 string `json:"name"` // one of names
	MaxBootstrappedDemos int    `json:"max_bootstrapped_demos"`
	MaxLabeledDemos      int    `json:"max_labeled_demos"` // bounds the total: bootstrapped ones count
	NumCandidatePrograms int    `json:"num_candidate_programs"`
	MaxRounds            int    `json:"max_rounds"`
	// NumProposals is how many instructions a reflective optimiser has written, and
	// MinibatchSize on how many training examples each is tried first. Seed is of
	// its draws.
	NumProposals  int   `json:"num_proposals"`
	MinibatchSize int   `json:"minibatch_size"`
	Seed          int64 `json:"seed"`
	Prune         bool  `json:"prune"`
	// Concurrency bounds examples in work at once; the dispatcher bounds calls. Best
	// is a little more than calls may be in flight.
	Concurrency int `json:"concurrency"`
	// MaxErrors is how many runs may fail in a row, over all candidates, before
	// the compile gives up: nothing answers then. 0: 10, or Concurrency if larger.
	// (DSPy gives up at the tenth error in all, and loses what it has.)
	MaxErrors int `json:"max_errors,omitempty"`
	// Thrifty tries no example ahead of its need (see searchnext.go).
	Thrifty bool `json:"thrifty,omitempty"`
}

// Defaults are those of docs/reference.md: random search, 2, 16, 5, one round, prune. A
// reflective optimiser makes 12 proposals, six for each predictor, each tried on 3
// examples first, as many as GEPA does.
func Defaults() Settings {
	return Settings{Name: randomSearch, MaxBootstrappedDemos: 2, MaxLabeledDemos: 16, NumCandidatePrograms: 5, MaxRounds: 1,
		NumProposals: 12, MinibatchSize: 3, Prune: true, Concurrency: 32}
}

// MaxConcurrency is the most examples in work at once.
const MaxConcurrency = most

// most bounds every number: beyond it a setting is a slip of the hand, and
// memory is taken per candidate.
const most = 1000

// Validate is a *fault.ParamError if a setting is wrong; settings are parameters under
// "optimizer".
func (s Settings) Validate() error {
	if s.Name != "" && !slices.Contains(names, s.Name) {
		return &fault.ParamError{Param: "optimizer.name", Expected: "one of " + strings.Join(names, ", "), Found: strconv.Quote(s.Name)}
	}
	for _, n := range []struct {
		name  string
		value int
	}{
		{"max_bootstrapped_demos", s.MaxBootstrappedDemos}, {"max_labeled_demos", s.MaxLabeledDemos},
		{"num_candidate_programs", s.NumCandidatePrograms}, {"max_rounds", s.MaxRounds},
		{"num_proposals", s.NumProposals}, {"minibatch_size", s.MinibatchSize},
		{"concurrency", s.Concurrency}, {"max_errors", s.MaxErrors},
	} {
		if n.value < 0 || n.value > most {
			return &fault.ParamError{Param: "optimizer." + n.name, Expected: fmt.Sprintf("a whole number from 0 to %d", most), Found: strconv.Itoa(n.value)}
		}
	}
	return nil
}

func (s Settings) withDefaults() Settings {
	d := Defaults()
	if s.Name == "" {
		s.Name = d.Name
	}
	if s.MaxRounds == 0 {
		s.MaxRounds = d.MaxRounds
	}
	if s.MinibatchSize == 0 {
		s.MinibatchSize = d.MinibatchSize
	}
	if s.Concurrency == 0 {
		s.Concurrency = d.Concurrency
	}
	if s.MaxErrors == 0 {
		s.MaxErrors = max(10, s.Concurrency)
	}
	return s
}
