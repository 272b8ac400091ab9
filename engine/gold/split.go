package gold

import (
	"math"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/seeded"
)

// Divide divides entries, given by the chunk each is of, and answers the indices
// of each part.
//
// Sizes are floor(train·n) and floor(dev·n); the rest is test, or dev if test is
// 0. Without a seed the file's order holds: first train, then dev, then test.
// With one, chunks are put into a random order (the permutation of internal/seeded
// over the chunks in order of first appearance) and whole chunks fill train,
// then dev, then test, earlier ones first. Where whole chunks cannot give the
// exact size, the part is the largest possible below it. Within a part, entries
// follow that order of chunks.
func Divide(s api.Split, chunks []string) (train, dev, test []int) {
	n := len(chunks)
	sizeTrain, sizeDev := floorShare(s.Train, n), floorShare(s.Dev, n)
	if s.Seed == nil {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		train, dev, test = all[:sizeTrain], all[sizeTrain:sizeTrain+sizeDev], all[sizeTrain+sizeDev:]
	} else {
		groups := groupByChunk(chunks)
		groups = seeded.NewShuffler(groups, *s.Seed).Take(len(groups))
		train, groups = fill(groups, sizeTrain)
		dev, groups = fill(groups, sizeDev)
		test, _ = fill(groups, n)
	}
	if s.Test == 0 {
		return train, append(dev[:len(dev):len(dev)], test...), nil
	}
	return train, dev, test
}

func floorShare(share float64, n int) int {
	return min(n, int(math.Floor(share*float64(n)+api.ShareSlack)))
}

// groupByChunk collects the entries of each chunk, in order of first appearance.
func groupByChunk(chunks []string) [][]int {
	var groups [][]int
	at := map[string]int{}
	for i, chunk := range chunks {
		g, known := at[chunk]
		if !known {
			g = len(groups)
			at[chunk] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// fill takes whole groups, earlier ones first, as long as they fit. When that
// misses the size it looks for another choice of groups that does not. rest are
// the others in their order.
func fill(groups [][]int, size int) (part []int, rest [][]int) {
	for _, g := range groups {
		if len(part)+len(g) <= size {
			part = append(part, g...)
		} else {
			rest = append(rest, g)
		}
	}
	const affordable = 1 << 26 // sums to try; beyond that a part may be a little short
	if len(part) == size || len(rest) == 0 || len(groups)*size > affordable {
		return part, rest
	}
	return fillExactly(groups, size)
}

// fillExactly takes groups whose entries add up to size, or to the most below
// it, preferring earlier groups: subset sum by dynamic programming, where
// reach[i] holds the sums that group i and those after it can give.
func fillExactly(groups [][]int, size int) (part []int, rest [][]int) {
	reach := make([][]bool, len(groups)+1)
	reach[len(groups)] = make([]bool, size+1)
	reach[len(groups)][0] = true
	for i := len(groups) - 1; i >= 0; i-- {
		reach[i] = append([]bool(nil), reach[i+1]...)
		for sum := len(groups[i]); sum <= size; sum++ {
			reach[i][sum] = reach[i][sum] || reach[i+1][sum-len(groups[i])]
		}
	}
	left := size
	for !reach[0][left] {
		left--
	}
	for i, g := range groups {
		if len(g) <= left && reach[i+1][left-len(g)] {
			part = append(part, g...)
			left -= len(g)
		} else {
			rest = append(rest, g)
		}
	}
	return part, rest
}
