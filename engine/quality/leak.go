package quality

import "strings"

const leakWords = 4

// Leak is the share, 0…1, of the question's word 4-grams that stand in the
// chunk. A question of fewer than four words gives 0: it has no wording to
// copy. Linear in both texts.
func Leak(question, chunk string) float64 {
	q := words(clip(question, questionBytes))
	if len(q) < leakWords {
		return 0
	}
	asked := shingles(q, leakWords)
	begins := map[string]bool{} // most words of a chunk begin none of them
	for _, w := range q {
		begins[w] = true
	}
	total, c := len(asked), words(chunk)
	for i := 0; i+leakWords <= len(c) && len(asked) > 0; i++ {
		if begins[c[i]] {
			delete(asked, strings.Join(c[i:i+leakWords], "\x00"))
		}
	}
	return float64(total-len(asked)) / float64(total)
}
