package config

import "strings"

// unknownKey names the nearest known key of the same table; when none is near
// it lists them all.
func unknownKey(at, key string, fields map[string]int) error {
	known := sortedKeys(fields)
	reason := "unknown key; known here: " + strings.Join(known, ", ")
	if near := nearest(key, known); near != "" {
		reason = "unknown key; did you mean " + join(at, near) + "?"
	}
	return &Error{Key: join(at, key), Reason: reason}
}

// nearest is the known word with the least edit distance, "" when more than
// half of the letters would have to change.
func nearest(word string, known []string) string {
	best, bestDistance := "", max(2, len(word)/2)+1
	for _, k := range known {
		if d := distance(word, k); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// distance counts insertions, deletions and substitutions (Levenshtein) in
// bytes, with two rows of the usual table.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
