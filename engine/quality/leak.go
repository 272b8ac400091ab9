package quality

import "strings"

// LeakThreshold: a question whose Leak is at or above it is flagged. At one
// half the wording finds the chunk by itself, and a search by keywords looks
// better than it is on questions that people ask.
const LeakThreshold = 0.5

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

const runWords = 256

// LongestCopiedRun is how many words the longest passage has that stands in
// both, word for word. At most the question's first 256 words are looked at.
func LongestCopiedRun(question, chunk string) int {
	q, c := words(clip(question, questionBytes)), words(chunk)
	q = q[:min(len(q), runWords)]
	at := map[string][]int{} // where each word stands in the question
	for i, w := range q {
		at[w] = append(at[w], i)
	}
	longest := 0
	run, next := make([]int, len(q)+1), make([]int, len(q)+1)
	var touched, touchedNext []int
	for _, w := range c {
		// next[i+1] is the length of the copied run that ends in q[i] here.
		for _, i := range at[w] {
			next[i+1] = run[i] + 1
			touchedNext = append(touchedNext, i+1)
			longest = max(longest, next[i+1])
		}
		for _, i := range touched {
			run[i] = 0
		}
		run, next = next, run
		touched, touchedNext = touchedNext, touched[:0]
	}
	return longest
}
