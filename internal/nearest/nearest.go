// Package nearest finds what somebody meant who mistyped a name: a key of the
// config, a method, a parameter, a key of a filter.
package nearest

import "strings"

// Of is the known name with the least edit distance to word, the first among
// equals, and "" when more than half of the letters would have to change.
// Case and the marks that join words do not count.
func Of(word string, known []string) string {
	best, least := "", max(2, len(word)/2)+1
	for _, k := range known {
		if d := distance(plain(word), plain(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

func plain(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(s))
}

// distance counts insertions, deletions and substitutions (Levenshtein 1966) in
// bytes, with one row of the usual table.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
