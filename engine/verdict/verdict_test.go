package verdict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"qgen-sidecar/engine/verdict"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s: got %v, want %v ± %v", what, got, want, tolerance)
	}
}

// The interval holds its rate, on processors that round otherwise too (arm64
// gave 99.99999999999999 % as the upper end of 100 %).
func TestWilsonHoldsItsRate(t *testing.T) {
	for n := 1; n <= 300; n++ {
		for k := range n + 1 {
			p := float64(k) / float64(n)
			if low, high := verdict.Wilson(k, n); low > p || high < p || low < 0 || high > 1 {
				t.Fatalf("Wilson(%d, %d) = %v, %v, which does not hold %v", k, n, low, high, p)
			}
		}
	}
}

// Published to two digits: 21/30, 35/50, 70/100. The ends at 0 and n follow
// from the formula: z²/(n+z²).
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
		tolerance float64
	}{
		{21, 30, 0.52, 0.83, 0.005},
		{35, 50, 0.56, 0.81, 0.005},
		{70, 100, 0.60, 0.78, 0.005},
		{0, 10, 0, 0.27753, 1e-5},
		{10, 10, 0.72247, 1, 1e-5},
		{0, 0, 0, 1, 0},
	} {
		low, high := verdict.Wilson(c.k, c.n)
		near(t, fmt.Sprintf("Wilson(%d, %d) low", c.k, c.n), low, c.low, c.tolerance)
		near(t, fmt.Sprintf("Wilson(%d, %d) high", c.k, c.n), high, c.high, c.tolerance)
	}
}

// Values: 2·Σ C(n,i)/2ⁿ in whole numbers.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		gained, lost int
		want         float64
	}{
		{6, 0, 0.03125}, {0, 6, 0.03125}, {8, 1, 0.0390625}, {7, 1, 0.0703125},
		{9, 2, 0.0654296875}, {10, 3, 0.09228515625}, {5, 5, 1}, {0, 0, 1}, {1, 0, 1},
		{59, 33, 0.008780930806975222},
	} {
		near(t, fmt.Sprintf("McNemar(%d, %d)", c.gained, c.lost), verdict.McNemar(c.gained, c.lost), c.want, 1e-12)
	}
}

// Values from a separate program that walks all 2^k sign patterns.
func TestSignFlip(t *testing.T) {
	for name, c := range map[string]struct {
		diffs []float64
		want  float64
	}{
		"whole scores":     {[]float64{1, 2, -1, 3, 1, 0, 2, -2, 1, 1}, 0.17578125},
		"means of repeats": {[]float64{.5, 1.5, -.5, 2, 1}, 0.1875},
		"no lattice":       {[]float64{.137, .291, -.101, 1.7, .333}, 0.125},
		"all equal":        {[]float64{0, 0, 0}, 1},
		"none":             {nil, 1},
		"six gains":        {[]float64{1, 1, 1, 1, 1, 1}, 2.0 / 64},
	} {
		near(t, name, verdict.SignFlip(c.diffs), c.want, 1e-12)
	}
}

// Beyond 20 pairs off the lattice patterns are drawn: near the exact value of
// almost the same differences on the lattice, and the same at every call.
func TestSignFlipDrawn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var onLattice, off []float64
	for range 40 {
		d := float64(rng.IntN(5) - 1)
		onLattice = append(onLattice, d)
		off = append(off, d*(1+1e-7*math.Pi))
	}
	exact, drawn := verdict.SignFlip(onLattice), verdict.SignFlip(off)
	near(t, "drawn against exact", drawn, exact, 0.003)
	if again := verdict.SignFlip(off); again != drawn {
		t.Errorf("the same differences gave %v, then %v", drawn, again)
	}
}

// Values from a separate implementation of the statistic, solved by bisection.
func TestPairedInterval(t *testing.T) {
	for _, c := range []struct {
		gained, lost, n int
		low, high       float64
	}{
		{8, 2, 30, -0.011597254577576, 0.402671119285830},
		{6, 0, 30, 0.059636241800311, 0.376323166036850},
		{0, 0, 30, -0.116969798499741, 0.116969798499741},
		{9, 2, 30, 0.014734096337911, 0.437642519010995},
		{30, 0, 30, 0.766060403000519, 1},
		{1, 1, 2, -0.890758488942296, 0.890758488942296},
		{40, 10, 100, 0.168532920415410, 0.421663647040772},
		{0, 0, 0, -1, 1},
	} {
		low, high := verdict.PairedInterval(c.gained, c.lost, c.n)
		near(t, fmt.Sprintf("%d-%d of %d low", c.gained, c.lost, c.n), low, c.low, 1e-9)
		near(t, fmt.Sprintf("%d-%d of %d high", c.gained, c.lost, c.n), high, c.high, 1e-9)
	}
}

func trinomial(n, a, b int, pa, pb float64) float64 {
	lg := func(k int) float64 { v, _ := math.Lgamma(float64(k) + 1); return v }
	xlog := func(k int, p float64) float64 {
		if k == 0 {
			return 0
		}
		return float64(k) * math.Log(max(p, 1e-300))
	}
	rest := max(1-pa-pb, 0)
	return math.Exp(lg(n) - lg(a) - lg(b) - lg(n-a-b) + xlog(a, pa) + xlog(b, pb) + xlog(n-a-b, rest))
}

// Two equal programs are called different at most 5 % of the time, exactly,
// whatever share of examples changes.
func TestNullIsRarelyCalledBetter(t *testing.T) {
	for _, changed := range []float64{0.1, 0.2, 0.3, 0.5, 0.7, 1} {
		for _, n := range []int{20, 30, 50} {
			if called := 2 * verdict.Power(n, changed/2, changed/2); called > 0.05 {
				t.Errorf("n %d, %v changed: called different %.4f", n, changed, called)
			}
		}
	}
}

// The same through the front door, by simulation.
func TestNullThroughCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const sets = 400
	different := 0
	for range sets {
		old, new := make([]verdict.Outcome, 30), make([]verdict.Outcome, 30)
		for i := range old {
			level := rng.NormFloat64()
			old[i], new[i] = scored(level, rng), scored(level, rng)
		}
		if verdict.Compare(old, new).Difference.VerdictCode != "none" {
			different++
		}
	}
	if rate := float64(different) / sets; rate > 0.05 {
		t.Errorf("a true null was called different in %.1f %% of sets", 100*rate)
	}
}

func scored(level float64, rng *rand.Rand) verdict.Outcome {
	s := min(max(math.Round(3.5+0.7*level+0.8*rng.NormFloat64()), 1), 5)
	return verdict.Outcome{Scored: true, Score: s, Success: s >= 4}
}

// Values from a separate sum over all outcomes in whole binomials.
func TestPower(t *testing.T) {
	near(t, "n 30, 25 against 5", verdict.Power(30, .25, .05), 0.4031728827541722, 1e-9)
	near(t, "n 30, 30 against 5", verdict.Power(30, .30, .05), 0.5699226047901442, 1e-9)
	near(t, "n 100, 20 against 5", verdict.Power(100, .2, .05), 0.8367350635371915, 1e-9)
	near(t, "nothing changes", verdict.Power(30, 0, 0), 0, 0)
}

// The project's own figures before there was code: a baseline of 60 %, examples
// that both programs find hard or easy alike (a latent correlation of .5), and
// the shares that change then.
func TestPowerOfSixtyPercent(t *testing.T) {
	for _, c := range []struct {
		n          int
		gain, loss float64
		percent    float64
	}{
		{30, .208109, .108109, 9}, {100, .208109, .108109, 35}, // to 70 %
		{30, .262027, .062027, 38}, {50, .262027, .062027, 67}, {100, .262027, .062027, 94}, // to 80 %
		{30, .324190, .024190, 81}, // to 90 %
	} {
		near(t, fmt.Sprintf("n %d, gain %v", c.n, c.gain), 100*verdict.Power(c.n, c.gain, c.loss), c.percent, 1.2)
	}
}

func TestDetectable(t *testing.T) {
	for _, n := range []int{10, 30, 100, 1000} {
		d, ok := verdict.Detectable(n, 0)
		if !ok {
			t.Fatalf("n %d: nothing detectable", n)
		}
		loss := 0.5 / float64(n+1)
		near(t, fmt.Sprintf("power at n %d", n), verdict.Power(n, loss+d, loss), 0.8, 0.01)
	}
	if _, ok := verdict.Detectable(5, 0); ok {
		t.Error("five pairs can never be significant, yet a difference is called detectable")
	}
	if _, ok := verdict.Detectable(1, 0); ok {
		t.Error("one pair: a difference is called detectable")
	}
}

// outcomes writes "5,2,-" as scored 5 (a success), scored 2, failed.
func outcomes(s string) []verdict.Outcome {
	var out []verdict.Outcome
	for _, f := range strings.Split(s, ",") {
		if f == "-" {
			out = append(out, verdict.Outcome{})
			continue
		}
		score := float64(f[0] - '0')
		out = append(out, verdict.Outcome{Scored: true, Score: score, Success: score >= 4})
	}
	return out
}

func repeat(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		old, new           string
		code, words        string
		wins, ties, losses int
		points             float64
		errors             [2]int
		pairs              int
	}{
		"better": {repeat("2", 8), repeat("5", 8), "better", "better (p = .008)", 8, 0, 0, 100, [2]int{}, 8},
		"worse":  {repeat("5", 8), repeat("2", 8), "worse", "worse (p = .008)", 0, 0, 8, -100, [2]int{}, 8},
		"equal":  {repeat("4", 30), repeat("4", 30), "none", "no evidence either way: this set sees differences of about 28 points", 0, 30, 0, 0, [2]int{}, 30},
		"few":    {"2,2", "5,5", "none", "no evidence either way: 2 pairs are too few to show any difference", 2, 0, 0, 100, [2]int{}, 2},
		// The failed calls leave the comparison; they are no zeros.
		"errors": {"-,4,4", "5,-,5", "none", "no evidence either way: 1 pairs are too few to show any difference", 1, 0, 0, 0, [2]int{1, 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := verdict.Compare(outcomes(c.old), outcomes(c.new))
			if got.Difference.VerdictCode != c.code || got.Difference.Verdict != c.words {
				t.Errorf("got %q, %q, want %q, %q", got.Difference.VerdictCode, got.Difference.Verdict, c.code, c.words)
			}
			if got.Wins != c.wins || got.Ties != c.ties || got.Losses != c.losses {
				t.Errorf("wins, ties, losses %d %d %d, want %d %d %d", got.Wins, got.Ties, got.Losses, c.wins, c.ties, c.losses)
			}
			near(t, "points", *got.Difference.Points, c.points, 1e-9)
			if e := [2]int{got.Baseline.Errors, got.Optimized.Errors}; e != c.errors {
				t.Errorf("errors %v, want %v", e, c.errors)
			}
			if got.Matrix.Pairs() != c.pairs {
				t.Errorf("pairs %d, want %d", got.Matrix.Pairs(), c.pairs)
			}
		})
	}
}

func TestCompareNothingScored(t *testing.T) {
	for name, sides := range map[string][2][]verdict.Outcome{
		"no examples":  {nil, nil},
		"all failed":   {outcomes("-,-"), outcomes("-,-")},
		"never paired": {outcomes("4,-"), outcomes("-,4")},
		"one missing":  {outcomes("4"), nil},
	} {
		got := verdict.Compare(sides[0], sides[1])
		d := got.Difference
		if d.Points != nil || d.CI95 != nil || d.PValue != nil || d.PMean != nil || d.VerdictCode != "none" {
			t.Errorf("%s: %+v, want nil numbers and none", name, d)
		}
		if !strings.HasPrefix(d.Verdict, "no verdict") {
			t.Errorf("%s: verdict %q", name, d.Verdict)
		}
		if got.N != max(len(sides[0]), len(sides[1])) {
			t.Errorf("%s: n %d", name, got.N)
		}
	}
}

func TestSummarize(t *testing.T) {
	s := verdict.Summarize(outcomes("5,4,3,-"))
	near(t, "score", *s.Score, 100*2.0/3, 1e-9)
	near(t, "mean", *s.Mean, 4, 1e-9)
	if s.Errors != 1 {
		t.Errorf("errors %d, want 1", s.Errors)
	}
	if empty := verdict.Summarize(outcomes("-")); empty.Score != nil || empty.Mean != nil || empty.CI95 != nil || empty.Errors != 1 {
		t.Errorf("nothing scored: %+v", empty)
	}
}

func TestPText(t *testing.T) {
	for p, want := range map[float64]string{
		0.0004: "p < .001", 0.00412: "p = .004", 0.02: "p = .02", 0.0497: "p = .050",
		0.051: "p = .051", 0.39: "p = .39", 1: "p = 1",
	} {
		if got := verdict.PText(p); got != want {
			t.Errorf("%v: got %q, want %q", p, got, want)
		}
	}
}

// Kappa from a separate sum over all pairs of scores.
func TestAgree(t *testing.T) {
	person := []int{1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 3, 3}
	judge := []int{1, 2, 3, 4, 4, 5, 5, 2, 2, 2, 3, 4}
	a := verdict.Agree(person, judge)
	near(t, "kappa", a.Kappa, 0.8717948717948718, 1e-12)
	near(t, "observed", a.Observed, 7.0/12, 1e-12)
	near(t, "constant", a.ConstantBase, 4.0/12, 1e-12)
	if !(a.CI95[0] < a.Kappa && a.Kappa < a.CI95[1] && a.CI95[1] <= 1) {
		t.Errorf("interval %v around %v", a.CI95, a.Kappa)
	}
	if again := verdict.Agree(person, judge); again != a {
		t.Errorf("the same scores gave %+v, then %+v", a, again)
	}
	if same := verdict.Agree(person, person); same.Kappa != 1 || same.Observed != 1 {
		t.Errorf("agreement with oneself: %+v", same)
	}
	for name, none := range map[string]verdict.Agreement{
		"nothing":  verdict.Agree(nil, nil),
		"constant": verdict.Agree([]int{4, 4}, []int{4, 4}),
	} {
		if none.Kappa != 0 || math.IsNaN(none.CI95[0]) {
			t.Errorf("%s: %+v, want kappa 0", name, none)
		}
	}
}
