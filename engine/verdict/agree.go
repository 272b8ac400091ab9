package verdict

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Agreement is the judge against a person: quadratic weighted kappa with a
// bootstrap interval, and what always guessing the commonest score would reach.
type Agreement struct {
	N            int        `json:"n"`
	Kappa        float64    `json:"kappa"`
	CI95         [2]float64 `json:"ci95"`
	ConstantBase float64    `json:"constant_agreement"` // share of the person's commonest score
	Observed     float64    `json:"agreement"`          // share of equal scores
}

// KappaTrusted is the kappa from which a judge may be optimised on: "substantial"
// of J. R. Landis and G. G. Koch, Biometrics 33, 1977.
const KappaTrusted = 0.6

const (
	agreeResamples = 2000
	agreeSeed      = 0xa9
	scoreLevels    = 5
)

// Agree compares scores (1–5) of the same outputs; the longer slice's rest is
// left out. Kappa is 0 where it is not defined: no outputs, or both always
// gave the same score. The interval is the percentile bootstrap of 2,000
// seeded resamples.
func Agree(person, judge []int) Agreement {
	n := min(len(person), len(judge))
	person, judge = person[:n], judge[:n]
	a := Agreement{N: n}
	if n == 0 {
		return a
	}
	a.Kappa, _ = weightedKappa(person, judge)
	equal, counts := 0, map[int]int{}
	for i := range person {
		counts[person[i]]++
		if person[i] == judge[i] {
			equal++
		}
	}
	commonest := 0
	for _, c := range counts {
		commonest = max(commonest, c)
	}
	a.Observed, a.ConstantBase = float64(equal)/float64(n), float64(commonest)/float64(n)
	a.CI95 = kappaInterval(person, judge)
	return a
}

// weightedKappa is 1 - Σ w·observed / Σ w·expected with w = (i-j)² (J. Cohen,
// Psychological Bulletin 70, 1968); false when nobody's scores vary.
func weightedKappa(person, judge []int) (float64, bool) {
	var rows, columns [scoreLevels + 1]float64
	seen := 0.0
	for i := range person {
		p, j := level(person[i]), level(judge[i])
		rows[p]++
		columns[j]++
		seen += float64((p - j) * (p - j))
	}
	expected := 0.0
	for i := 1; i <= scoreLevels; i++ {
		for j := 1; j <= scoreLevels; j++ {
			expected += float64((i-j)*(i-j)) * rows[i] * columns[j] / float64(len(person))
		}
	}
	if expected == 0 {
		return 0, false
	}
	return 1 - seen/expected, true
}

func level(score int) int { return min(max(score, 1), scoreLevels) }

func kappaInterval(person, judge []int) [2]float64 {
	rng := rand.New(rand.NewPCG(agreeSeed, uint64(len(person))))
	p, j := make([]int, len(person)), make([]int, len(person))
	var kappas []float64
	for range agreeResamples {
		for i := range p {
			k := rng.IntN(len(person))
			p[i], j[i] = person[k], judge[k]
		}
		if kappa, ok := weightedKappa(p, j); ok {
			kappas = append(kappas, kappa)
		}
	}
	if len(kappas) == 0 {
		return [2]float64{}
	}
	slices.Sort(kappas)
	return [2]float64{
		stat.Quantile(0.025, stat.Empirical, kappas, nil),
		stat.Quantile(0.975, stat.Empirical, kappas, nil),
	}
}
