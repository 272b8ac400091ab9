package quality

import "math"

const diversitySample = 500 // questions compared pairwise; beyond, every k-th

// Diversity describes how different the questions of a set are. Compare two
// sets of equal size only: all but the mean length depend on it.
//
//	n                       questions
//	distinct_1 … distinct_3 different word n-grams per n-gram (Li et al., NAACL 2016)
//	ngd                     n-gram diversity, the sum of distinct-1 … distinct-4, 0…4
//	mean_similarity         mean pairwise Similarity (homogenisation), 0…1
//	compared                how many questions that mean is over
//	mean_words, sd_words    length in words
//	opening, opening_share  the commonest first two words and their share
func Diversity(questions []string) map[string]any {
	split := make([][]string, len(questions))
	for i, q := range questions {
		split[i] = words(clip(q, questionBytes))
	}
	d := map[string]any{"n": len(questions)}
	ngd := 0.0
	for n := 1; n <= 4; n++ {
		share := distinct(split, n)
		ngd += share
		if n <= 3 {
			d["distinct_"+string(rune('0'+n))] = share
		}
	}
	d["ngd"] = ngd
	d["mean_similarity"], d["compared"] = meanSimilarity(questions)
	d["mean_words"], d["sd_words"] = lengths(split)
	d["opening"], d["opening_share"] = commonestOpening(split)
	return d
}

func distinct(split [][]string, n int) float64 {
	seen, total := map[string]struct{}{}, 0
	for _, w := range split {
		if len(w) < n {
			continue
		}
		total += len(w) - n + 1
		for s := range shingles(w, n) {
			seen[s] = struct{}{}
		}
	}
	if total == 0 {
		return 0
	}
	return float64(len(seen)) / float64(total)
}

func meanSimilarity(questions []string) (float64, int) {
	step := max(1, (len(questions)+diversitySample-1)/diversitySample)
	var sets []map[uint64]struct{}
	for i := 0; i < len(questions); i += step {
		sets = append(sets, characters(questions[i]))
	}
	sum, pairs := 0.0, 0
	for i := range sets {
		for j := range sets[:i] {
			sum += jaccard(sets[i], sets[j])
			pairs++
		}
	}
	if pairs == 0 {
		return 0, len(sets)
	}
	return sum / float64(pairs), len(sets)
}

// Length is how many words a text has; a writing without spaces counts as many as
// Diversity counts.
func Length(text string) int { return len(words(text)) }

func lengths(split [][]string) (mean, sd float64) {
	if len(split) == 0 {
		return 0, 0
	}
	for _, w := range split {
		mean += float64(len(w))
	}
	mean /= float64(len(split))
	for _, w := range split {
		sd += (float64(len(w)) - mean) * (float64(len(w)) - mean)
	}
	return mean, math.Sqrt(sd / float64(len(split)))
}

func commonestOpening(split [][]string) (string, float64) {
	counts, opening := map[string]int{}, ""
	for _, w := range split {
		if len(w) < 2 {
			continue
		}
		o := w[0] + " " + w[1]
		counts[o]++
		// The alphabet breaks ties, so that the answer is the same every time.
		if counts[o] > counts[opening] || counts[o] == counts[opening] && o < opening {
			opening = o
		}
	}
	if opening == "" {
		return "", 0
	}
	return opening, float64(counts[opening]) / float64(len(split))
}
