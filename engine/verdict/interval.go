package verdict

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// z975 is the 97.5 % quantile of the standard normal distribution.
var z975 = distuv.UnitNormal.Quantile(0.975)

// Wilson is the 95 % score interval of the rate k/n, in 0…1 (E. B. Wilson,
// JASA 22, 1927; without continuity correction). n = 0 gives [0, 1].
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	z2, nf, p := z975*z975, float64(n), float64(k)/float64(n)
	centre := (p + z2/(2*nf)) / (1 + z2/nf)
	half := z975 / (1 + z2/nf) * math.Sqrt(p*(1-p)/nf+z2/(4*nf*nf))
	// With k = n the end is p itself, but for rounding, which differs between
	// processors: arm64 fuses multiplications with additions.
	return min(p, max(0, centre-half)), max(p, min(1, centre+half))
}

// PairedInterval is the 95 % interval of the difference of two paired success
// rates, (gained-lost)/n, in -1…1: Tango's score interval (T. Tango, Statistics
// in Medicine 17, 1998, 891–908), with the variance enlarged by n/(n-1) as
// Miettinen and Nurminen do for two samples. Without that factor coverage at
// n = 30 falls to 92.98 % (gain 30 %, no loss); with it the lowest on a grid
// of 304 pairs of rates is 93.5 %, the mean 95.6 %. n = 0 gives [-1, 1].
func PairedInterval(gained, lost, n int) (low, high float64) {
	if n == 0 {
		return -1, 1
	}
	point := float64(gained-lost) / float64(n)
	statistic := func(d float64) float64 { return tango(float64(gained), float64(lost), float64(n), d) }
	return solve(statistic, z975, -1, point), solve(statistic, -z975, point, 1)
}

// tango is the score statistic of the hypothesis that the difference is d; it
// falls as d grows. lossRate is the maximum-likelihood rate under it.
func tango(gained, lost, n, d float64) float64 {
	a := 2 * n
	b := -gained - lost + (2*n-gained+lost)*d
	c := -lost * d * (1 - d)
	lossRate := (math.Sqrt(max(b*b-4*a*c, 0)) - b) / (2 * a)
	variance := n * (2*lossRate + d*(1-d))
	if n > 1 {
		variance *= n / (n - 1)
	}
	distance := gained - lost - n*d
	if variance < 1e-15 {
		return math.Copysign(math.MaxFloat64, distance)
	}
	return distance / math.Sqrt(variance)
}

// solve finds where the falling f crosses target in [low, high] by bisection;
// the end where it would lie beyond when it does not cross.
func solve(f func(float64) float64, target, low, high float64) float64 {
	for range 60 {
		mid := (low + high) / 2
		if f(mid) > target {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// MeanInterval is the 95 % interval of the mean of paired differences of scores
// (1–5): Student's t over the differences and two more, half the scale up and
// half the scale down, as A. Agresti and B. A. Coull add for a rate (American
// Statistician 52, 1998). Without these a set in which few pairs change gives an
// interval of almost no width: of 30 pairs, 5 % of which gain a point, Student's
// alone holds the truth in 78 of a hundred sets. Fewer than two give [-4, 4].
func MeanInterval(differences []float64) (low, high float64) {
	const width = scoreLevels - 1
	if len(differences) < 2 {
		return -width, width
	}
	mean := stat.Mean(differences, nil)
	padded := append(differences[:len(differences):len(differences)], width/2, -width/2)
	centre, sd := stat.MeanStdDev(padded, nil)
	n := float64(len(padded))
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * sd / math.Sqrt(n)
	return min(mean, max(centre-half, -width)), max(mean, min(centre+half, width))
}
