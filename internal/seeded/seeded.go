// Package seeded is named randomness: the same seed gives the same numbers in every
// process and with every version of Go.
//
// It leaves out what must not be guessed: secrets come from crypto/rand.
package seeded

import (
	"crypto/rand"
	"encoding/binary"
	mrand "math/rand/v2"
)

// stream is PCG's second word: the same for everything here, so that the seed alone
// decides. (The golden ratio's first 64 bits; any constant would do.)
const stream = 0x9e3779b97f4a7c15

// Rand is math/rand/v2's PCG-DXSM with state (seed, stream). Its output is specified
// and does not change between Go versions.
func Rand(seed int64) *mrand.Rand {
	return mrand.New(mrand.NewPCG(uint64(seed), stream))
}

// Draw draws a seed that fits a JSON number exactly (below 2^53).
func Draw() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails (since Go 1.24)
	return int64(binary.LittleEndian.Uint64(b[:]) >> 11)
}

// Shuffler hands out the items of a uniform random permutation one by one, by
// Fisher–Yates from the front: step i swaps item i with one of i…n-1, drawn by
// rand.IntN(n-i). The first k items are a uniform sample without replacement,
// and do not depend on how many more are taken.
type Shuffler[T any] struct {
	items []T
	next  int
	rng   *mrand.Rand
}

// NewShuffler takes over items and reorders them.
func NewShuffler[T any](items []T, seed int64) *Shuffler[T] {
	return &Shuffler[T]{items: items, rng: Rand(seed)}
}

// Take gives up to n further items.
func (s *Shuffler[T]) Take(n int) []T {
	start := s.next
	for s.next < len(s.items) && s.next-start < n {
		j := s.next + s.rng.IntN(len(s.items)-s.next)
		s.items[s.next], s.items[j] = s.items[j], s.items[s.next]
		s.next++
	}
	return s.items[start:s.next]
}
