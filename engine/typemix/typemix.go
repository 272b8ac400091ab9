package typemix

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/clip"
)

// Plan says of which type each question is to be, so that the whole set has
// the wanted mix: without any memory of what was asked, and so the same for a call
// that was interrupted and for slices on several machines.
//
// A chunk's id and text make a number from 0 to 1, and its n questions are the
// points that lie 1/n apart from there, around; the shares of the types, laid end
// to end, say which type a point falls into. (Systematic sampling: W. G. Cochran,
// Sampling Techniques, ch. 8.) So a chunk's types differ as far as shares allow,
// and over N chunks a share p is met within about √(p(1−p)/N).
type Plan struct {
	types []string
	upTo  []float64 // the end of each type's share
}

func New(mix map[string]float64) Plan {
	var p Plan
	whole, sum := 0.0, 0.0
	kinds := slices.Sorted(maps.Keys(mix))
	for _, kind := range kinds {
		whole += mix[kind]
	}
	for _, kind := range kinds {
		if mix[kind] > 0 {
			sum += mix[kind] / whole
			p.types, p.upTo = append(p.types, kind), append(p.upTo, sum)
		}
	}
	return p
}

// Of is the type of question i of n of a chunk; "" when none is wanted.
func (p Plan) Of(chunk string, i, n int) string {
	if len(p.types) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte("type" + chunk))
	start := float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
	_, at := math.Modf(start + float64(i)/float64(n))
	for k, end := range p.upTo {
		if at < end {
			return p.types[k]
		}
	}
	return p.types[len(p.types)-1] // the shares' sum is 1 but for rounding
}

// typesListed bounds the list: free-text types may be as many as questions.
const typesListed = 50

// Count counts questions by type, whatever the spelling.
type Count map[string]int

// Add takes one question; past so many types the rest is one.
func (t Count) Add(kind string) {
	kind = strings.ToLower(clip.OneLine(kind))
	if _, known := t[kind]; !known && len(t) >= 10*typesListed {
		kind = otherTypes
	}
	t[kind]++
}

const otherTypes = "(others)"

// Shares are the types with most questions first, and how far they are from what
// is wanted: the Jensen-Shannon divergence in bits, 0 (the same) to 1; nil without
// a mix.
func (t Count) Shares(mix map[string]float64) ([]api.TypeShare, *float64) {
	total, whole := 0, 0.0
	for _, n := range t {
		total += n
	}
	wanted := map[string]float64{}
	for kind, share := range mix {
		wanted[strings.ToLower(kind)] += share
		whole += share
	}
	out := []api.TypeShare{}
	for kind := range allKeys(t, wanted) {
		s := api.TypeShare{Type: kind, N: t[kind], Share: float64(t[kind]) / float64(max(1, total))}
		if len(mix) > 0 {
			share := wanted[kind] / whole
			s.Wanted = &share
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b api.TypeShare) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Type, b.Type)
	})
	if len(mix) == 0 || total == 0 {
		return out[:min(len(out), typesListed)], nil
	}
	divergence := jensenShannon(out)
	return out[:min(len(out), typesListed)], &divergence
}

func allKeys(counted Count, wanted map[string]float64) map[string]bool {
	out := map[string]bool{}
	for kind := range counted {
		out[kind] = true
	}
	for kind, share := range wanted {
		if share > 0 {
			out[kind] = true
		}
	}
	return out
}

// jensenShannon is the mean of the two distributions' divergences from their
// middle (J. Lin, IEEE Trans. Inf. Theory 37, 1991).
func jensenShannon(shares []api.TypeShare) float64 {
	sum := 0.0
	for _, s := range shares {
		middle := (s.Share + *s.Wanted) / 2
		for _, p := range []float64{s.Share, *s.Wanted} {
			if p > 0 {
				sum += p / 2 * math.Log2(p/middle)
			}
		}
	}
	return max(0, sum)
}
