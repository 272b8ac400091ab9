package verdict

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// McNemar is the exact two-sided p-value that gained and lost differ by more
// than chance (Q. McNemar, Psychometrika 12, 1947, in its exact form: a sign
// test of the changed pairs): 2·P(X <= min) for X ~ Binomial(gained+lost, ½),
// at most 1.
func McNemar(gained, lost int) float64 {
	changed := gained + lost
	if changed == 0 {
		return 1
	}
	return min(1, 2*binomialCDF(min(gained, lost), changed, 0.5))
}

// binomialCDF is P(X <= k) for X ~ Binomial(n, p).
func binomialCDF(k, n int, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	return distuv.Binomial{N: float64(n), P: p}.CDF(float64(k))
}

const (
	signFlipExact = 20      // that many unequal pairs are enumerated: 2^20 patterns
	signFlipDraws = 100_000 // beyond, where sums lie on no lattice
	signFlipSeed  = 0x5167
	latticeCells  = 4_000_000
)

// SignFlip is the two-sided permutation p-value of the mean of paired
// differences: the share of all sign patterns whose mean is at least as far
// from zero as the one seen (R. A. Fisher, The Design of Experiments, 1935,
// §21). Differences of scores on a grid of up to 1/12 (whole scores, means of
// repeats) are counted exactly for any number of pairs; others up to 2^20
// patterns, beyond by 100 000 seeded draws, (hits+1)/(draws+1).
func SignFlip(diffs []float64) float64 {
	var nonzero []float64
	for _, d := range diffs {
		if d != 0 { // an equal pair is the same under both signs
			nonzero = append(nonzero, math.Abs(d))
		}
	}
	if len(nonzero) == 0 {
		return 1
	}
	seen := 0.0
	for _, d := range diffs {
		seen += d
	}
	seen = math.Abs(seen)
	if steps, scale, ok := lattice(nonzero); ok {
		return signFlipLattice(steps, int(math.Round(seen*scale)))
	}
	if len(nonzero) <= signFlipExact {
		return signFlipEnumerated(nonzero, seen)
	}
	return signFlipDrawn(nonzero, seen)
}

// lattice writes the differences as whole multiples of 1/scale, if a small
// scale does it and the sums fit a table.
func lattice(diffs []float64) (steps []int, scale float64, ok bool) {
	for scale = 1; scale <= 12; scale++ {
		steps = steps[:0]
		total := 0
		for _, d := range diffs {
			s := math.Round(d * scale)
			if math.Abs(d*scale-s) > 1e-9*scale || s > latticeCells {
				break
			}
			steps = append(steps, int(s))
			total += int(s)
		}
		if len(steps) == len(diffs) && total*len(steps) <= 16*latticeCells {
			return steps, scale, true
		}
	}
	return nil, 0, false
}

// signFlipLattice adds one pair after the other to the distribution of the sum.
func signFlipLattice(steps []int, seen int) float64 {
	total := 0
	for _, s := range steps {
		total += s
	}
	chance := make([]float64, 2*total+1) // of the sum i-total
	next := make([]float64, len(chance))
	chance[total] = 1
	reach := 0
	for _, s := range steps {
		clear(next)
		for i := total - reach; i <= total+reach; i++ {
			next[i-s] += chance[i] / 2
			next[i+s] += chance[i] / 2
		}
		reach += s
		chance, next = next, chance
	}
	p := 0.0
	for i, c := range chance {
		if i-total >= seen || total-i >= seen {
			p += c
		}
	}
	return min(1, p)
}

// signFlipEnumerated walks all patterns by Gray code: one sign a step.
func signFlipEnumerated(diffs []float64, seen float64) float64 {
	sum := 0.0
	for _, d := range diffs {
		sum += d
	}
	sign := make([]float64, len(diffs))
	for i := range sign {
		sign[i] = 1
	}
	limit, hits, patterns := seen*(1-1e-12), 0, 1<<len(diffs)
	for i := 1; ; i++ {
		if math.Abs(sum) >= limit {
			hits++
		}
		if i == patterns {
			return float64(hits) / float64(patterns)
		}
		flip := bits.TrailingZeros(uint(i))
		sum -= 2 * sign[flip] * diffs[flip]
		sign[flip] = -sign[flip]
	}
}

func signFlipDrawn(diffs []float64, seen float64) float64 {
	rng := rand.New(rand.NewPCG(signFlipSeed, uint64(len(diffs))))
	limit, hits := seen*(1-1e-12), 0
	for range signFlipDraws {
		sum := 0.0
		for i := 0; i < len(diffs); i += 64 {
			bits := rng.Uint64()
			for _, d := range diffs[i:min(i+64, len(diffs))] {
				if bits&1 == 0 {
					d = -d
				}
				sum += d
				bits >>= 1
			}
		}
		if math.Abs(sum) >= limit {
			hits++
		}
	}
	return float64(hits+1) / float64(signFlipDraws+1)
}
