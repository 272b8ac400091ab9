package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"qgen-sidecar/internal/clip"
)

// Parts of a split.
const (
	partTrain = "train"
	partDev   = "dev"
	partTest  = "test"
	partAll   = "all"
)

// Split is compile's split; UnmarshalJSON also takes "70/30" and "40/30/30".
type Split struct {
	Train float64 `json:"train"`
	Dev   float64 `json:"dev"`
	Test  float64 `json:"test"`
	Seed  *int64  `json:"seed"` // nil: keep the file's order
}

// defaultSplit is 40/30/30 with seed 0.
func defaultSplit() Split {
	seed := int64(0)
	return Split{Train: 0.4, Dev: 0.3, Test: 0.3, Seed: &seed}
}

// UnmarshalJSON takes an object or a short form such as "70/30" (train/dev) and
// "40/30/30" (train/dev/test), in percent. In an object, parts left out are 0
// once one is given; seed is 0 unless given, and null keeps the file's order.
func (s *Split) UnmarshalJSON(b []byte) error {
	var short string
	if json.Unmarshal(b, &short) == nil {
		return s.parse(short)
	}
	var given struct {
		Train, Dev, Test *float64
		Seed             json.RawMessage
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&given); err != nil {
		return &ParamError{Param: "split", Expected: `{train, dev, test, seed} or a text such as "40/30/30"`, Found: clip.Runes(string(b), 200)}
	}
	*s = defaultSplit()
	if given.Train != nil || given.Dev != nil || given.Test != nil {
		s.Train, s.Dev, s.Test = orZero(given.Train), orZero(given.Dev), orZero(given.Test)
	}
	switch {
	case string(given.Seed) == "null":
		s.Seed = nil
	case given.Seed != nil:
		if err := json.Unmarshal(given.Seed, s.Seed); err != nil {
			return &ParamError{Param: "split.seed", Expected: "a whole number or null", Found: clip.Runes(string(given.Seed), 200)}
		}
	}
	return s.check()
}

func (s *Split) parse(short string) error {
	wrong := &ParamError{Param: "split", Expected: `percents as "train/dev" or "train/dev/test", such as "70/30" or "40/30/30"`, Found: strconv.Quote(clip.Runes(short, 200))}
	parts := strings.Split(short, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return wrong
	}
	*s = defaultSplit()
	s.Test = 0
	for i, into := range []*float64{&s.Train, &s.Dev, &s.Test}[:len(parts)] {
		percent, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		if err != nil {
			return wrong
		}
		*into = percent / 100
	}
	return s.check()
}

// slack forgives what binary fractions do to 0.4 + 0.3 + 0.3.
const slack = 1e-9

func (s Split) check() error {
	for name, share := range map[string]float64{partTrain: s.Train, partDev: s.Dev, partTest: s.Test} {
		if math.IsNaN(share) || share < 0 || share > 1+slack {
			return &ParamError{Param: "split." + name, Expected: "a share from 0 to 1", Found: fmt.Sprint(share)}
		}
	}
	if sum := s.Train + s.Dev + s.Test; sum > 1+slack {
		return &ParamError{Param: "split", Expected: "shares whose sum is at most 1", Found: fmt.Sprintf("%g", sum)}
	}
	return nil
}

func orZero(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}

// splitParts divides entries, given by the chunk each is of, and answers the indices
// of each part.
//
// Sizes are floor(train·n) and floor(dev·n); the rest is test, or dev if test is
// 0. Without a seed the file's order holds: first train, then dev, then test.
// With one, chunks are put into a random order (the permutation of seeded.go
// over the chunks in order of first appearance) and whole chunks fill train,
// then dev, then test, earlier ones first. Where whole chunks cannot give the
// exact size, the part is the largest possible below it. Within a part, entries
// follow that order of chunks.
func splitParts(s Split, chunks []string) (train, dev, test []int) {
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
		groups = newShuffler(groups, *s.Seed).take(len(groups))
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
	return min(n, int(math.Floor(share*float64(n)+slack)))
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
