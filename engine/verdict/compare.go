package verdict

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// Alpha is the level of the verdict: p_value below it is called better or worse.
const Alpha = 0.05

// Difference is optimised minus baseline over the examples both answered.
type Difference struct {
	Points      *float64    `json:"points" doc:"percentage points of success; null: no pair was scored"`                   // percentage points of success
	CI95        *[2]float64 `json:"ci95" doc:"its 95 % interval, in points (Tango's)"`                                     // of Points
	PValue      *float64    `json:"p_value" doc:"exact McNemar's test, two-sided"`                                         // exact McNemar, two-sided
	PMean       *float64    `json:"p_mean" doc:"permutation test of the mean score"`                                       // sign-flip permutation of the mean score difference
	VerdictCode string      `json:"verdict_code" enum:"VerdictCode" doc:"better, worse or none (no difference was shown)"` // better | worse | none
	Verdict     string      `json:"verdict" doc:"what may be concluded, in a sentence"`
}

// Comparison is a paired comparison of two programs on the same examples.
type Comparison struct {
	N          int        `json:"n"` // examples asked
	Baseline   Summary    `json:"baseline"`
	Optimized  Summary    `json:"optimized"`
	Difference Difference `json:"difference"`
	// By score, over pairs.
	Wins   int `json:"wins"`
	Ties   int `json:"ties"`
	Losses int `json:"losses"`

	Matrix Matrix `json:"matrix"`
	// MeanDifference is of the 1–5 scores over pairs, with its interval, see
	// MeanInterval (nil below two pairs).
	MeanDifference     *float64    `json:"mean_difference"`
	MeanDifferenceCI95 *[2]float64 `json:"mean_difference_ci95"`
	// DetectablePoints is the gain that this many pairs would have shown with
	// 80 % power, see Detectable; nil when no gain could show.
	DetectablePoints *float64 `json:"detectable_points"`
}

// Matrix counts pairs by which side succeeded.
type Matrix struct {
	Both          int `json:"both"`
	OnlyOptimized int `json:"only_optimized"`
	OnlyBaseline  int `json:"only_baseline"`
	Neither       int `json:"neither"`
}

// Pairs is how many examples both sides have a score for.
func (m Matrix) Pairs() int { return m.Both + m.OnlyOptimized + m.OnlyBaseline + m.Neither }

// Compare pairs baseline[i] with optimized[i]; an index that one side lacks
// counts there as an error. Deterministic.
func Compare(baseline, optimized []Outcome) Comparison {
	n := max(len(baseline), len(optimized))
	baseline, optimized = padded(baseline, n), padded(optimized, n)
	c := Comparison{N: n, Baseline: Summarize(baseline), Optimized: Summarize(optimized)}
	var diffs []float64
	for i := range baseline {
		if baseline[i].Scored && optimized[i].Scored {
			c.count(baseline[i], optimized[i])
			diffs = append(diffs, optimized[i].Score-baseline[i].Score)
		}
	}
	c.conclude(diffs)
	return c
}

func padded(o []Outcome, n int) []Outcome {
	return append(o[:len(o):len(o)], make([]Outcome, n-len(o))...)
}

func (c *Comparison) count(old, new Outcome) {
	switch {
	case new.Score > old.Score:
		c.Wins++
	case new.Score < old.Score:
		c.Losses++
	default:
		c.Ties++
	}
	switch {
	case old.Success && new.Success:
		c.Matrix.Both++
	case new.Success:
		c.Matrix.OnlyOptimized++
	case old.Success:
		c.Matrix.OnlyBaseline++
	default:
		c.Matrix.Neither++
	}
}

func (c *Comparison) conclude(diffs []float64) {
	d, m := &c.Difference, c.Matrix
	d.VerdictCode = "none"
	pairs := len(diffs)
	if pairs == 0 {
		d.Verdict = "no verdict: no example has a score on both sides"
		return
	}
	gained, lost := m.OnlyOptimized, m.OnlyBaseline
	points := percent(gained-lost, pairs)
	low, high := PairedInterval(gained, lost, pairs)
	p, pMean := McNemar(gained, lost), SignFlip(diffs)
	d.Points, d.CI95, d.PValue, d.PMean = &points, &[2]float64{100 * low, 100 * high}, &p, &pMean
	mean := stat.Mean(diffs, nil)
	c.MeanDifference = &mean
	if pairs > 1 {
		low, high := MeanInterval(diffs)
		c.MeanDifferenceCI95 = &[2]float64{low, high}
	}
	if gain, ok := Detectable(pairs, min(gained, lost)); ok {
		gain *= 100
		c.DetectablePoints = &gain
	}
	d.VerdictCode, d.Verdict = c.words(p, points)
}

// words is the verdict for people. A difference that does not show is never
// called "equal": it says how large a difference would have shown.
func (c *Comparison) words(p, points float64) (code, verdict string) {
	switch {
	case p < Alpha && points > 0:
		return "better", "better (" + PText(p) + ")"
	case p < Alpha && points < 0:
		return "worse", "worse (" + PText(p) + ")"
	case c.DetectablePoints == nil:
		return "none", fmt.Sprintf("no evidence either way: %d pairs are too few to show any difference", c.Matrix.Pairs())
	}
	return "none", fmt.Sprintf("no evidence either way: this set sees differences of about %.0f points", *c.DetectablePoints)
}

// PText writes a p-value as papers do: "p = .02", "p = .004", "p < .001".
func PText(p float64) string {
	switch {
	case p < 0.001:
		return "p < .001"
	case p < 0.01:
		return "p = " + strings.TrimPrefix(fmt.Sprintf("%.3f", p), "0")
	case p > 0.995:
		return "p = 1"
	// Rounding must not carry a p-value across the level.
	case p >= 0.045 && p < 0.055:
		return "p = " + strings.TrimPrefix(fmt.Sprintf("%.3f", p), "0")
	}
	return "p = " + strings.TrimPrefix(fmt.Sprintf("%.2f", p), "0")
}
