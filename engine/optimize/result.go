package optimize

import "qgen-sidecar/engine/program"

// Candidate is one program tried.
type Candidate struct {
	Candidate int                 `json:"candidate"` // DSPy's seed: -3, -2, -1, 0 …; a proposal: 0, 1 …
	Score     *float64            `json:"score"`     // percent of successes over those answered; nil when pruned, unfinished, or never answered
	N         int                 `json:"n"`         // examples scored
	Errors    int                 `json:"errors,omitempty"`
	Demos     Demos[program.Demo] `json:"demos"`        // as they stand in the saved file
	Entries   Demos[int]          `json:"demo_entries"` // the same as indices in the gold file
	Pruned    bool                `json:"pruned,omitempty"`
	Proposal  *Proposal           `json:"proposal,omitempty"` // of a reflective optimiser: how it came to be
	Program   *program.Program    `json:"-"`                  // nil if it was not built (pruned or stopped while bootstrapping)
	Scores    []*Score            `json:"-"`                  // per dev example; nil not asked or failed
}

// Demos is something of each demonstration, by predictor and in order.
type Demos[T any] struct {
	Analyzer  []T `json:"analyzer"`
	Generator []T `json:"generator"`
}

// Proposal is a new instruction for one predictor, and what became of it.
type Proposal struct {
	Parent      int    `json:"parent"`                // the candidate whose instruction it replaces
	MergedWith  *int   `json:"merged_with,omitempty"` // the candidate that the instruction is of: nobody was asked for it
	Predictor   string `json:"predictor"`
	Instruction string `json:"instruction"` // empty: the teacher gave none
	Entries     []int  `json:"entries"`     // training examples that the teacher was shown, as indices in the gold file
	Before      *Batch `json:"before,omitempty"`
	After       *Batch `json:"after,omitempty"` // missing: it was not tried
	Accepted    bool   `json:"accepted"`        // others may be made of it, and it may win
	Outcome     string `json:"outcome"`         // why, in words
}

// Batch is how a program did on a few examples.
type Batch struct {
	N         int     `json:"n"` // answered
	Successes int     `json:"successes"`
	Mean      float64 `json:"mean"` // of the values
}

// Result of a compile. Candidates are in the order of their numbers.
type Result struct {
	Best       Candidate
	Baseline   Candidate // -3, the student without demonstrations
	Candidates []Candidate
	Warnings   []string
	Partial    bool // stopped early (budget, cancel): Best is the best so far; its Program is nil if none was scored
}
