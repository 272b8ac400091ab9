package quality

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"strings"
)

// DuplicateThreshold: questions at or above this similarity are near
// duplicates. distilabel and NeMo drop at a MinHash similarity of 0.9 over
// 5-grams; questions are short, so that one changed word in ten already costs
// a third of the shingles. 0.7 over character 5-grams calls "What is the
// notice period?" and "what's the notice period" one question, and keeps
// questions apart that differ in the word that matters.
const DuplicateThreshold = 0.7

const shingleRunes = 5

// Similarity is the Jaccard similarity, 0…1, of the sets of character 5-grams
// of both texts, read as lower-case words, of their first 16 KB. Two texts without words are equal
// when both are empty of them.
func Similarity(a, b string) float64 { return jaccard(characters(a), characters(b)) }

// NearDuplicate: Similarity of at least DuplicateThreshold.
func NearDuplicate(a, b string) bool { return Similarity(a, b) >= DuplicateThreshold }

// characters are the hashed character 5-grams of the text, padded by a space
// at both ends so that first and last words weigh as much as others.
func characters(text string) map[uint64]struct{} {
	runes := []rune(" " + strings.Join(words(clip(text, questionBytes)), " ") + " ")
	set := map[uint64]struct{}{}
	if len(runes) <= 2 {
		return set
	}
	n := min(shingleRunes, len(runes))
	for i := 0; i+n <= len(runes); i++ {
		set[hashRunes(runes[i:i+n])] = struct{}{}
	}
	return set
}

func hashRunes(runes []rune) uint64 {
	h := fnv.New64a()
	var b [4]byte
	for _, r := range runes {
		binary.LittleEndian.PutUint32(b[:], uint32(r))
		h.Write(b[:])
	}
	return mix(h.Sum64())
}

func jaccard(a, b map[uint64]struct{}) float64 {
	if len(a) == 0 && len(b) == 0 {
		return 1
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	shared := 0
	for s := range a {
		if _, ok := b[s]; ok {
			shared++
		}
	}
	return float64(shared) / float64(len(a)+len(b)-shared)
}

// Duplicate says that questions[Index] nearly repeats the earlier
// questions[Of], the most similar one that is kept itself.
type Duplicate struct {
	Index, Of  int
	Similarity float64
}

const (
	bands        = 32 // of MinHash; 32 bands of 4 rows find 99.98 % of pairs at 0.7
	rowsPerBand  = 4
	noDuplicate  = -1
	signatureLen = bands * rowsPerBand
)

// Duplicates goes through the set in order and names every question that
// nearly repeats an earlier one that was kept. Candidates come from MinHash
// (A. Broder, 1997) with banding, their similarity is then counted exactly, so
// a set of 100,000 is a matter of seconds.
func Duplicates(questions []string) []Duplicate {
	buckets := make([]map[uint64][]int, bands)
	for i := range buckets {
		buckets[i] = map[uint64][]int{}
	}
	sets := make([]map[uint64]struct{}, len(questions))
	var found []Duplicate
	for i, q := range questions {
		set := characters(q)
		keys := bandKeys(set)
		if of, s := mostSimilar(set, keys, buckets, sets); of != noDuplicate {
			found = append(found, Duplicate{Index: i, Of: of, Similarity: s})
			continue
		}
		sets[i] = set
		for b, key := range keys {
			buckets[b][key] = append(buckets[b][key], i)
		}
	}
	return found
}

func mostSimilar(set map[uint64]struct{}, keys [bands]uint64, buckets []map[uint64][]int, sets []map[uint64]struct{}) (int, float64) {
	best, similarity := noDuplicate, 0.0
	seen := map[int]bool{}
	for b, key := range keys {
		for _, j := range buckets[b][key] {
			if seen[j] {
				continue
			}
			seen[j] = true
			if s := jaccard(set, sets[j]); s >= DuplicateThreshold && s > similarity {
				best, similarity = j, s
			}
		}
	}
	return best, similarity
}

// bandKeys is the MinHash signature, hashed band by band.
func bandKeys(set map[uint64]struct{}) (keys [bands]uint64) {
	var signature [signatureLen]uint64
	for i := range signature {
		signature[i] = math.MaxUint64
	}
	for s := range set {
		h := s
		for i := range signature {
			h = mix(h + 0x9e3779b97f4a7c15)
			signature[i] = min(signature[i], h)
		}
	}
	for b := range keys {
		key := uint64(b)
		for _, v := range signature[b*rowsPerBand : (b+1)*rowsPerBand] {
			key = mix(key ^ v)
		}
		keys[b] = key
	}
	return keys
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Folded is a question without what does not make it another one: case, blanks,
// and the marks at its end.
func Folded(question string) string {
	return strings.TrimRight(strings.ToLower(strings.Join(strings.Fields(question), " ")), " ?!.…")
}

// Same reports that two questions ask the same: equal but for case, blanks and the
// marks at the end, or near duplicates.
func Same(a, b string) bool { return Folded(a) == Folded(b) || NearDuplicate(a, b) }
