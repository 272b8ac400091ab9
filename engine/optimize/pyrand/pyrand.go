// Package pyrand draws the numbers that Python's random.Random(seed) draws, so
// that an optimiser here picks the demonstrations that DSPy picks.
//
// It is the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998) seeded by
// the key-array routine of its 2002 reference, with the selection rules of
// CPython's random module (3.11; unchanged since 3.2). Only what optimisers need
// is here: Random, GetRandBits, RandBelow, RandInt, Shuffle, Sample, Choice.
//
// It is no source of secrets. A Rand is not safe for concurrent use.
package pyrand

import "math"

const (
	size   = 624
	middle = 397
)

// Rand is one generator.
type Rand struct {
	state [size]uint32
	next  int
}

// New is Python's random.Random(seed); the sign of seed does not matter there.
func New(seed int64) *Rand {
	n := uint64(seed)
	if seed < 0 {
		n = -n
	}
	key := []uint32{uint32(n)}
	if n>>32 != 0 {
		key = append(key, uint32(n>>32))
	}
	r := &Rand{}
	r.seedByArray(key)
	return r
}

func (r *Rand) seedBy(s uint32) {
	r.state[0] = s
	for i := 1; i < size; i++ {
		prev := r.state[i-1]
		r.state[i] = 1812433253*(prev^prev>>30) + uint32(i)
	}
	r.next = size
}

func (r *Rand) seedByArray(key []uint32) {
	r.seedBy(19650218)
	st := &r.state
	i, j := 1, 0
	step := func() {
		if i++; i >= size {
			st[0], i = st[size-1], 1
		}
	}
	for range max(size, len(key)) {
		prev := st[i-1]
		st[i] = (st[i] ^ (prev^prev>>30)*1664525) + key[j] + uint32(j)
		step()
		j = (j + 1) % len(key)
	}
	for range size - 1 {
		prev := st[i-1]
		st[i] = (st[i] ^ (prev^prev>>30)*1566083941) - uint32(i)
		step()
	}
	st[0] = 1 << 31
}

// refill makes the next 624 numbers.
func (r *Rand) refill() {
	st := &r.state
	for i := range st {
		y := st[i]&0x80000000 | st[(i+1)%size]&0x7fffffff
		v := st[(i+middle)%size] ^ y>>1
		if y&1 != 0 {
			v ^= 0x9908b0df
		}
		st[i] = v
	}
	r.next = 0
}

func (r *Rand) uint32() uint32 {
	if r.next >= size {
		r.refill()
	}
	y := r.state[r.next]
	r.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// GetRandBits is a number of k bits, 1 ≤ k ≤ 64.
func (r *Rand) GetRandBits(k int) uint64 {
	if k <= 32 {
		return uint64(r.uint32() >> (32 - k))
	}
	low := uint64(r.uint32())
	return low | uint64(r.uint32()>>(64-k))<<32
}

// RandBelow is a number in [0, n), n > 0, by drawing until one fits.
func (r *Rand) RandBelow(n int) int {
	k := bitLength(n)
	for {
		if v := r.GetRandBits(k); v < uint64(n) {
			return int(v)
		}
	}
}

func bitLength(n int) int {
	k := 0
	for ; n > 0; n >>= 1 {
		k++
	}
	return k
}

// RandInt is a number in [low, high], both included, low ≤ high.
func (r *Rand) RandInt(low, high int) int { return low + r.RandBelow(high-low+1) }

// Shuffle permutes n things by swap, from the end.
func (r *Rand) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i >= 1; i-- {
		swap(i, r.RandBelow(i+1))
	}
}

// Sample is k of the numbers 0…n-1 without replacement, in the order drawn,
// k ≤ n. As Python does, it draws from a shrinking pool when n is small beside
// k, and else draws again what it had already.
func (r *Rand) Sample(n, k int) []int {
	out := make([]int, k)
	if n <= setSize(k) {
		pool := make([]int, n)
		for i := range pool {
			pool[i] = i
		}
		for i := range out {
			j := r.RandBelow(n - i)
			out[i] = pool[j]
			pool[j] = pool[n-i-1]
		}
		return out
	}
	had := make(map[int]bool, k)
	for i := range out {
		j := r.RandBelow(n)
		for had[j] {
			j = r.RandBelow(n)
		}
		had[j] = true
		out[i] = j
	}
	return out
}

// setSize is the population up to which Python's sample keeps a pool: what a
// set of k elements would take there.
func setSize(k int) int {
	if k <= 5 {
		return 21
	}
	return 21 + int(math.Pow(4, math.Ceil(math.Log(float64(3*k))/math.Log(4))))
}

// Choice is an index below n, n > 0.
func (r *Rand) Choice(n int) int { return r.RandBelow(n) }
