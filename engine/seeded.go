package engine

import (
	"crypto/rand"
	"encoding/binary"
	mrand "math/rand/v2"
)

// pcgStream is PCG's second word: the same for everything here, so that the
// seed alone decides. (The golden ratio's first 64 bits; any constant would do.)
const pcgStream = 0x9e3779b97f4a7c15

// seeded is math/rand/v2's PCG-DXSM with state (seed, pcgStream). Its output is
// specified and does not change between Go versions.
func seeded(seed int64) *mrand.Rand {
	return mrand.New(mrand.NewPCG(uint64(seed), pcgStream))
}

// drawSeed draws a seed that fits a JSON number exactly (below 2^53).
func drawSeed() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails (since Go 1.24)
	return int64(binary.LittleEndian.Uint64(b[:]) >> 11)
}

// shuffler hands out the items of a uniform random permutation one by one, by
// Fisher–Yates from the front: step i swaps item i with one of i…n-1, drawn by
// rand.IntN(n-i). The first k items are a uniform sample without replacement,
// and do not depend on how many more are taken.
type shuffler[T any] struct {
	items []T
	next  int
	rng   *mrand.Rand
}

// newShuffler takes over items and reorders them.
func newShuffler[T any](items []T, seed int64) *shuffler[T] {
	return &shuffler[T]{items: items, rng: seeded(seed)}
}

// take gives up to n further items.
func (s *shuffler[T]) take(n int) []T {
	start := s.next
	for s.next < len(s.items) && s.next-start < n {
		j := s.next + s.rng.IntN(len(s.items)-s.next)
		s.items[s.next], s.items[j] = s.items[j], s.items[s.next]
		s.next++
	}
	return s.items[start:s.next]
}
