package report

import (
	"cmp"
	"slices"
)

// PickRule is Pick's rule for five, in words.
const PickRule = "Picked by rule, not by taste: the largest loss, the two largest gains, one tie and one on which both failed; " +
	"where several are equal the earliest of the split. Places that a kind cannot fill go to the next largest differences."

// The kinds in the order shown. quotas are per five examples.
const (
	kindLoss = iota
	kindWin
	kindTie
	kindNeither
	kinds
)

var turn = []int{kindWin, kindLoss, kindTie, kindNeither, kindWin}

// Pick gives the indices of the n rows worth reading, by PickRule; more than
// five go round the same kinds again.
func Pick(rows []Row, n int) []int {
	queues := ranked(rows)
	picked, taken := make([][]int, kinds+1), map[int]bool{}
	take := func(kind, place int) bool {
		for len(queues[kind]) > 0 {
			i := queues[kind][0]
			queues[kind] = queues[kind][1:]
			if !taken[i] {
				taken[i] = true
				picked[place] = append(picked[place], i)
				return true
			}
		}
		return false
	}
	n = min(max(n, 0), len(rows))
	for round := 0; round < n; round++ {
		take(turn[round%len(turn)], turn[round%len(turn)])
	}
	for len(taken) < n && take(kinds, kinds) {
	}
	return slices.Concat(picked...)
}

// ranked lists the rows of each kind, best first, and all of them by the size
// of the difference (index kinds).
func ranked(rows []Row) [][]int {
	queues := make([][]int, kinds+1)
	for i, r := range rows {
		queues[kinds] = append(queues[kinds], i)
		d, ok := r.difference()
		switch {
		case !ok:
			continue
		case d > 0:
			queues[kindWin] = append(queues[kindWin], i)
		case d < 0:
			queues[kindLoss] = append(queues[kindLoss], i)
		case r.Baseline.Success || r.Optimized.Success:
			queues[kindTie] = append(queues[kindTie], i)
		}
		if !r.Baseline.Success && !r.Optimized.Success {
			queues[kindNeither] = append(queues[kindNeither], i)
		}
	}
	bySize := func(a, b int) int { return cmp.Compare(rows[b].size(), rows[a].size()) }
	for _, k := range []int{kindWin, kindLoss, kinds} {
		slices.SortStableFunc(queues[k], bySize)
	}
	// A tie on which both failed says least elsewhere: it is the best "neither".
	slices.SortStableFunc(queues[kindNeither], func(a, b int) int { return cmp.Compare(rows[a].size(), rows[b].size()) })
	return queues
}

// difference is optimised minus baseline; false without both scores.
func (r Row) difference() (float64, bool) {
	if r.Baseline.Score == nil || r.Optimized.Score == nil {
		return 0, false
	}
	return *r.Optimized.Score - *r.Baseline.Score, true
}

// size is the absolute difference; rows without one come last.
func (r Row) size() float64 {
	d, ok := r.difference()
	if !ok {
		return -1
	}
	return max(d, -d)
}
