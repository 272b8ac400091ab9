package verdict_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"qgen-sidecar/engine/verdict"
)

// How often each interval holds the truth at n = 30, over the rates that occur;
// `go test ./engine/verdict -run Coverage -v` prints the tables of docs/verdict.md.
// Rates are covered exactly, by the chance of every outcome; means and kappa by
// simulation, whose own error is about half a percent.

const coveredSets = 4000

// Wilson's interval is not above 93 % everywhere, and is what hosts were promised.
func TestCoverageOfARate(t *testing.T) {
	const n = 30
	lowest, at, sum, grid := 1.0, 0.0, 0.0, 0
	for i := 50; i <= 950; i++ {
		p := float64(i) / 1000
		covered := 0.0
		for k := 0; k <= n; k++ {
			if low, high := verdict.Wilson(k, n); low <= p && p <= high {
				covered += trinomial(n, k, n-k, p, 1-p)
			}
		}
		if i%100 == 0 {
			t.Logf("rate %.1f: %.1f %%", p, 100*covered)
		}
		if covered < lowest {
			lowest, at = covered, p
		}
		sum += covered
		grid++
	}
	t.Logf("Wilson, rates .05 to .95: mean %.1f %%, lowest %.1f %% at %.3f", 100*sum/float64(grid), 100*lowest, at)
	if lowest < 0.92 || sum/float64(grid) < 0.945 {
		t.Errorf("lowest %.4f, mean %.4f", lowest, sum/float64(grid))
	}
}

func TestCoverageOfAPairedDifference(t *testing.T) {
	const n = 30
	type interval struct{ low, high float64 }
	intervals := map[[2]int]interval{}
	for gained := 0; gained <= n; gained++ {
		for lost := 0; gained+lost <= n; lost++ {
			low, high := verdict.PairedInterval(gained, lost, n)
			intervals[[2]int{gained, lost}] = interval{low, high}
		}
	}
	lowest, sum, grid := 1.0, 0.0, 0
	for gain := 0.0; gain <= 0.601; gain += 0.05 {
		for loss := 0.0; loss <= gain+0.001 && gain+loss <= 1; loss += 0.05 {
			if gain == 0 {
				continue
			}
			covered := 0.0
			for k, i := range intervals {
				if d := gain - loss; i.low-1e-9 <= d && d <= i.high+1e-9 {
					covered += trinomial(n, k[0], k[1], gain, loss)
				}
			}
			if covered < 0.93 {
				t.Errorf("gain %.2f, loss %.2f: coverage %.4f", gain, loss, covered)
			}
			lowest, sum, grid = min(lowest, covered), sum+covered, grid+1
		}
	}
	t.Logf("Tango with n/(n-1), %d pairs of rates: mean %.1f %%, lowest %.1f %%", grid, 100*sum/float64(grid), 100*lowest)
}

// Few pairs change or many, by little or much, one way or both.
func TestCoverageOfAMeanDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		up, down float64 // shares that change
		size     int     // by 1 … size, equally often
	}{
		{.03, 0, 1}, {.05, 0, 1}, {.05, .05, 1}, {.1, 0, 1}, {.2, 0, 1}, {.2, .1, 1}, {.05, 0, 4}, {.1, 0, 3}, {.1, .05, 3},
		{.2, .1, 3}, {.4, .1, 2}, {.3, .3, 4}, {.6, .1, 4}, {.9, 0, 2},
	} {
		truth := (c.up - c.down) * float64(1+c.size) / 2
		covered := 0
		for range coveredSets {
			differences := make([]float64, 30)
			for i := range differences {
				step := float64(1 + rng.IntN(c.size))
				switch u := rng.Float64(); {
				case u < c.up:
					differences[i] = step
				case u < c.up+c.down:
					differences[i] = -step
				}
			}
			if low, high := verdict.MeanInterval(differences); low <= truth && truth <= high {
				covered++
			}
		}
		share := float64(covered) / coveredSets
		t.Logf("mean: %2.0f %% up, %2.0f %% down, by 1 to %d: %.1f %%", 100*c.up, 100*c.down, c.size, 100*share)
		if share < 0.93 {
			t.Errorf("%+v: coverage %.4f", c, share)
		}
	}
}

func TestCoverageOfKappa(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{30, 50} {
		for _, noise := range []float64{.1, .25, .45, .7, 1, 2} {
			score := func(level, lean float64) int {
				return int(min(max(math.Round(3.3+0.9*level+lean+noise*rng.NormFloat64()), 1), 5))
			}
			draw := func(n int) (person, judge []int) {
				for range n {
					level := rng.NormFloat64()
					person, judge = append(person, score(level, 0)), append(judge, score(level, 0.2))
				}
				return person, judge
			}
			truth := wholeKappa(draw(200_000))
			covered := 0
			for range coveredSets / 2 {
				ci := verdict.Agree(draw(n)).CI95
				if ci[0] <= truth && truth <= ci[1] {
					covered++
				}
			}
			share := 2 * float64(covered) / coveredSets
			t.Logf("kappa %.2f, n = %d: %.1f %%", truth, n, 100*share)
			if share < 0.93 {
				t.Errorf("kappa %.3f, n = %d: coverage %.4f", truth, n, share)
			}
		}
	}
}

// wholeKappa is kappa without its interval, which is slow for many.
func wholeKappa(person, judge []int) float64 {
	var p, j, seen float64
	for i := range person {
		p, j = p+float64(person[i]), j+float64(judge[i])
		seen += float64((person[i] - judge[i]) * (person[i] - judge[i]))
	}
	n := float64(len(person))
	p, j = p/n, j/n
	expected := (p - j) * (p - j)
	for i := range person {
		expected += (float64(person[i])-p)*(float64(person[i])-p)/n + (float64(judge[i])-j)*(float64(judge[i])-j)/n
	}
	return 1 - seen/n/expected
}
