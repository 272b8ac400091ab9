package verdict

import (
	"context"

	"qgen-sidecar/engine/program"
)

// Compare pairs baseline[i] with optimized[i]. Deterministic.
func Compare(baseline, optimized []Outcome) Comparison { return Comparison{} }

// Summarize one program's outcomes.
func Summarize(o []Outcome) Summary { return Summary{} }

// Judge is the LM judge of CONTRACT §3.
type Judge struct {
	Model        program.Model
	Instructions string // "" the contract's wording
}

// Judgement is a judge's answer: Score 1–5.
type Judgement struct {
	Score  int
	Reason string
}

// Score asks the judge about one predicted question; rollout > 0 asks again
// independently (repeats). Reply faults are retried here as judge faults.
func (j Judge) Score(ctx context.Context, chunk, persona, gold, predicted string, rollout int, fresh bool) (Judgement, error) {
	return Judgement{}, nil
}

// Agreement is the judge against a person: quadratic weighted kappa with a
// bootstrap interval, and what always guessing the commonest score would reach.
type Agreement struct {
	N            int        `json:"n"`
	Kappa        float64    `json:"kappa"`
	CI95         [2]float64 `json:"ci95"`
	ConstantBase float64    `json:"constant_agreement"`
	Observed     float64    `json:"agreement"`
}

// Agree compares scores of the same outputs.
func Agree(person, judge []int) Agreement { return Agreement{} }
