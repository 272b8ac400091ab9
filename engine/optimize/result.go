package optimize

import "qgen-sidecar/engine/program"

// Candidate is one program tried.
type Candidate struct {
	Candidate int                 `json:"candidate" doc:"its number: -3 without demonstrations, -2 labelled, -1 bootstrapped, 0 and up drawn or proposed"` // DSPy's seed: -3, -2, -1, 0 …; a proposal: 0, 1 …
	Score     *float64            `json:"score" doc:"percent of successes on the dev part; null: not scored to the end"`                                   // percent of successes over those answered; nil when pruned, unfinished, or never answered
	N         int                 `json:"n" doc:"examples that were scored"`                                                                               // examples scored
	Errors    int                 `json:"errors,omitempty" doc:"runs that failed"`
	Demos     Demos[program.Demo] `json:"demos" shape:"CandidateDemos" doc:"its demonstrations"`                                 // as they stand in the saved file
	Entries   Demos[int]          `json:"demo_entries" shape:"CandidateEntries" doc:"the gold entries that they are of, from 0"` // the same as indices in the gold file
	Pruned    bool                `json:"pruned,omitempty" doc:"it was given up because it could not win any more"`
	Proposal  *Proposal           `json:"proposal,omitempty" doc:"how its instruction came to be"` // of a reflective optimiser: how it came to be
	Program   *program.Program    `json:"-"`                                                       // nil if it was not built (pruned or stopped while bootstrapping)
	Scores    []*Score            `json:"-"`                                                       // per dev example; nil not asked or failed
}

// Demos is something of each demonstration, by predictor and in order.
type Demos[T any] struct {
	Analyzer  []T `json:"analyzer" doc:"of the first step"`
	Generator []T `json:"generator" doc:"of the second step"`
}

// Proposal is a new instruction for one predictor, and what became of it.
type Proposal struct {
	Parent      int    `json:"parent" doc:"the candidate whose instruction it replaces"`                                                    // the candidate whose instruction it replaces
	MergedWith  *int   `json:"merged_with,omitempty" doc:"the candidate that the instruction was taken from; absent: the teacher wrote it"` // the candidate that the instruction is of: nobody was asked for it
	Predictor   string `json:"predictor" enum:"PredictorName" doc:"the step whose instruction it is"`
	Instruction string `json:"instruction" doc:"the instruction; empty: the teacher gave none"` // empty: the teacher gave none
	Entries     []int  `json:"entries" doc:"gold entries that the teacher was shown, from 0"`   // training examples that the teacher was shown, as indices in the gold file
	Before      *Batch `json:"before,omitempty" doc:"the parent on these entries"`
	After       *Batch `json:"after,omitempty" doc:"the new program on these entries; absent: it was not tried"` // missing: it was not tried
	Accepted    bool   `json:"accepted" doc:"it was better on these entries, and was scored on the dev part"`    // others may be made of it, and it may win
	Outcome     string `json:"outcome" doc:"what became of it, in words"`                                        // why, in words
}

// Batch is how a program did on a few examples.
type Batch struct {
	N         int     `json:"n" doc:"runs that were scored"` // answered
	Successes int     `json:"successes" doc:"successes among them"`
	Mean      float64 `json:"mean" doc:"mean score, 1 to 5"` // of the values
}

// Result of a compile. Candidates are in the order of their numbers.
type Result struct {
	Best       Candidate
	Baseline   Candidate // -3, the student without demonstrations
	Candidates []Candidate
	Warnings   []string
	Partial    bool // stopped early (budget, cancel): Best is the best so far; its Program is nil if none was scored
}
