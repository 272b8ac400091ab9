package optimize

import "qgen-sidecar/engine/program"

// Candidate is one program tried.
type Candidate struct {
	Candidate int              `json:"candidate"` // DSPy's seed: -3, -2, -1, 0 …
	Score     *float64         `json:"score"`     // percent of successes over those answered; nil when pruned, unfinished, or never answered
	N         int              `json:"n"`         // examples scored
	Errors    int              `json:"errors,omitempty"`
	Demos     DemoRefs         `json:"demos"`
	Pruned    bool             `json:"pruned,omitempty"`
	Program   *program.Program `json:"-"` // nil if it was not built (pruned or stopped while bootstrapping)
	Scores    []*Score         `json:"-"` // per dev example; nil not asked or failed
}

// DemoRefs names demonstrations by their entry's index in the gold file, in order.
type DemoRefs struct {
	Analyzer  []int `json:"analyzer"`
	Generator []int `json:"generator"`
}

// Result of a compile. Candidates are in the order of their numbers.
type Result struct {
	Best       Candidate
	Baseline   Candidate // -3, the student without demonstrations
	Candidates []Candidate
	Warnings   []string
	Partial    bool // stopped early (budget, cancel): Best is the best so far; its Program is nil if none was scored
}

// Estimate is what a dry run can say: pipeline runs and judgements.
type Estimate struct {
	RunsAtLeast, RunsAtMost   int // evaluation; each run is one call per predictor and a judgement
	TeachAtLeast, TeachAtMost int // bootstrapping; the same with the teacher
}

// Plan bounds the work of Compile without asking anything; train and dev are
// numbers of examples. Without pruning the evaluation is exact. With it, a
// baseline that succeeds everywhere may end all, bootstrapping too. Calls repeated because a reply
// could not be read come on top.
func Plan(train, dev int, s Settings) Estimate {
	s = s.withDefaults()
	if dev == 0 {
		dev = train
	}
	var e Estimate
	for _, n := range s.numbers() {
		size := min(s.sizeOf(n), train)
		e.TeachAtLeast += size
		if size > 0 {
			e.TeachAtMost += train * s.MaxRounds
		}
	}
	e.RunsAtMost = len(s.numbers()) * dev
	e.RunsAtLeast = e.RunsAtMost
	if s.Prune && s.searches() {
		e.RunsAtLeast, e.TeachAtLeast = dev, 0
	}
	return e
}
