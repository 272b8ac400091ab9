package verdict

// Outcome is one example's result under one program: Scored false means the
// example has no score (a failed call), which is counted apart and never a zero.
type Outcome struct {
	Scored  bool
	Score   float64 // 1–5
	Success bool
}

// Summary describes one program on the split. Score and CI95 are percent.
type Summary struct {
	Score  *float64    `json:"score"` // nil: nothing was scored
	CI95   *[2]float64 `json:"ci95"`
	Mean   *float64    `json:"mean"`
	Errors int         `json:"errors"`
}

// Difference is optimised minus baseline over the examples both answered.
type Difference struct {
	Points      *float64    `json:"points"`
	CI95        *[2]float64 `json:"ci95"`
	PValue      *float64    `json:"p_value"`      // exact McNemar, two-sided
	PMean       *float64    `json:"p_mean"`       // sign-flip permutation of the mean score difference
	VerdictCode string      `json:"verdict_code"` // better | worse | none
	Verdict     string      `json:"verdict"`
}

// Comparison is a paired comparison of two programs on the same examples.
type Comparison struct {
	N                  int // examples asked
	Baseline           Summary
	Optimized          Summary
	Difference         Difference
	Wins, Ties, Losses int // by score, over pairs
}
