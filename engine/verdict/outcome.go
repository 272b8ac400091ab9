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
	Score  *float64    `json:"score" doc:"percent of successes; null: nothing was scored"` // nil: nothing was scored
	CI95   *[2]float64 `json:"ci95" doc:"its 95 % interval, in percent (Wilson's); null: nothing was scored"`
	Mean   *float64    `json:"mean" doc:"mean score, 1 to 5; null: nothing was scored"`
	Errors int         `json:"errors" doc:"entries without a score, in no average"`
}

// Summarize one program's outcomes: percent of successes among the scored,
// its Wilson interval, the mean score; what has no score counts as an error.
func Summarize(o []Outcome) Summary {
	scored, successes, sum := 0, 0, 0.0
	for _, x := range o {
		if !x.Scored {
			continue
		}
		scored++
		sum += x.Score
		if x.Success {
			successes++
		}
	}
	s := Summary{Errors: len(o) - scored}
	if scored == 0 {
		return s
	}
	rate, mean := percent(successes, scored), sum/float64(scored)
	low, high := Wilson(successes, scored)
	s.Score, s.Mean, s.CI95 = &rate, &mean, &[2]float64{100 * low, 100 * high}
	return s
}

func percent(k, n int) float64 { return 100 * float64(k) / float64(n) }
