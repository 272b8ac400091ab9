package verdict

// DetectablePower is the power at which a difference counts as one that this
// set sees.
const DetectablePower = 0.8

// Power is the chance that McNemar's exact test at Alpha calls n pairs better,
// when a share gain of them turns from failure to success and a share loss the
// other way. Exact: over the number of changed pairs, then which way they went.
func Power(n int, gain, loss float64) float64 {
	changed := gain + loss
	if changed <= 0 {
		return 0
	}
	total := 0.0
	for m := 1; m <= n; m++ {
		chance := binomialCDF(m, n, changed) - binomialCDF(m-1, n, changed)
		if chance < 1e-12 {
			continue
		}
		// Better: at most mostLosses of m changed pairs are losses.
		total += chance * binomialCDF(mostLosses(m), m, loss/changed)
	}
	return total
}

// mostLosses is the largest number of losses among m changed pairs at which
// the test still rejects; -1 when it never does (fewer than six).
func mostLosses(m int) int {
	low, high := -1, m/2 // McNemar grows with the smaller side
	for low < high {
		mid := (low + high + 1) / 2
		if McNemar(m-mid, mid) < Alpha {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// Detectable is the smallest difference of success rates, in 0…1, that n pairs
// show with 80 % power, when changes for the worse are as common as the rarer
// kind of change was among them ((rarer+½)/(n+1)); false when not even the
// largest possible difference would show.
func Detectable(n, rarer int) (difference float64, ok bool) {
	loss := (float64(rarer) + 0.5) / float64(n+1)
	most := 1 - 2*loss
	if most <= 0 || Power(n, loss+most, loss) < DetectablePower {
		return 0, false
	}
	low, high := 0.0, most
	for high-low > 1e-5 {
		mid := (low + high) / 2
		if Power(n, loss+mid, loss) < DetectablePower {
			low = mid
		} else {
			high = mid
		}
	}
	return high, true
}
