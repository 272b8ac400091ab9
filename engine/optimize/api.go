package optimize

import (
	"context"

	"qgen-sidecar/engine/program"
)

// Example is one gold entry as the optimisers see it: the columns of a DSPy
// example (chunk_text, persona_description, query, and query_type and
// query_format where the entry has them), in that order.
type Example struct {
	Index  int // in the gold file
	Values program.Values
	Demo   program.Demo // the example as a labelled demonstration
}

// Score is what the metric says of one prediction. Success is Value >= the
// threshold; Value is 1–5 for a judge, 0 or 1 otherwise.
type Score struct {
	Value   float64 `json:"value"`
	Success bool    `json:"success"`
	Reason  string  `json:"reason,omitempty"`
}

// Settings are CONTRACT §3's optimizer object; see Defaults for zero values.
type Settings struct {
	Name                 string `json:"name"` // labeled-few-shot | bootstrap-few-shot | bootstrap-few-shot-random-search
	MaxBootstrappedDemos int    `json:"max_bootstrapped_demos"`
	MaxLabeledDemos      int    `json:"max_labeled_demos"`
	NumCandidatePrograms int    `json:"num_candidate_programs"`
	MaxRounds            int    `json:"max_rounds"`
	Prune                bool   `json:"prune"`
	// Concurrency bounds examples in work at once; the dispatcher bounds calls.
	Concurrency int `json:"concurrency"`
}

// Task is all that an optimiser may ask for. Its functions are safe for
// concurrent use; an error from Teach, Predict or Judge is a missing answer,
// not a zero.
type Task struct {
	Student *program.Program
	Train   []Example
	Dev     []Example
	// Teach runs p with the teacher on an example; round > 0 is another draw.
	Teach func(ctx context.Context, p *program.Program, ex Example, round int) (program.Prediction, error)
	// Predict runs p with the task model.
	Predict func(ctx context.Context, p *program.Program, ex Example) (program.Prediction, error)
	// Judge scores a prediction; teaching is true while bootstrapping.
	Judge func(ctx context.Context, ex Example, p program.Prediction) (Score, error)
	// Progress may be nil; called from many goroutines.
	Progress func(Progress)
}

// Progress is a moment of a compile.
type Progress struct {
	Stage     string // bootstrap | evaluate
	Candidate int
	Done      int // examples finished, over all candidates
	Total     int
	Score     *float64 // of the candidate just finished, percent
}

// Candidate is one program tried.
type Candidate struct {
	Candidate int              `json:"candidate"` // DSPy's seed: -3, -2, -1, 0 …
	Score     *float64         `json:"score"`     // percent of successes over those answered; nil when pruned
	N         int              `json:"n"`         // examples scored
	Errors    int              `json:"errors,omitempty"`
	Demos     DemoRefs         `json:"demos"`
	Pruned    bool             `json:"pruned,omitempty"`
	Program   *program.Program `json:"-"`
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
	Baseline   Candidate // -3, the student as given
	Candidates []Candidate
	Warnings   []string
	Partial    bool // stopped early (budget): Best is the best so far
}

// Estimate is what a dry run can say: pipeline runs and judgements.
type Estimate struct {
	RunsAtLeast, RunsAtMost   int // each run is one call per predictor
	TeachAtLeast, TeachAtMost int
}
