package optimize

import "qgen-sidecar/engine/program"

// Candidate is one program tried.
type Candidate struct {
	Candidate int                 `json:"candidate"` // DSPy's seed: -3, -2, -1, 0 …
	Score     *float64            `json:"score"`     // percent of successes over those answered; nil when pruned, unfinished, or never answered
	N         int                 `json:"n"`         // examples scored
	Errors    int                 `json:"errors,omitempty"`
	Demos     Demos[program.Demo] `json:"demos"`        // as they stand in the saved file
	Entries   Demos[int]          `json:"demo_entries"` // the same as indices in the gold file
	Pruned    bool                `json:"pruned,omitempty"`
	Program   *program.Program    `json:"-"` // nil if it was not built (pruned or stopped while bootstrapping)
	Scores    []*Score            `json:"-"` // per dev example; nil not asked or failed
}

// Demos is something of each demonstration, by predictor and in order.
type Demos[T any] struct {
	Analyzer  []T `json:"analyzer"`
	Generator []T `json:"generator"`
}

// Result of a compile. Candidates are in the order of their numbers.
type Result struct {
	Best       Candidate
	Baseline   Candidate // -3, the student without demonstrations
	Candidates []Candidate
	Warnings   []string
	Partial    bool // stopped early (budget, cancel): Best is the best so far; its Program is nil if none was scored
}
