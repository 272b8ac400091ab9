package report

import "strings"

// diffWords: longer questions are shown without a diff, whose table grows with
// the square.
const diffWords = 300

// Span is a run of words of a question, marked when the other one lacks it.
type span struct {
	Text   string
	Marked bool
}

// wordDiff marks the words of each text that are not part of their longest
// common subsequence.
func wordDiff(old, new string) (oldSpans, newSpans []span) {
	a, b := strings.Fields(old), strings.Fields(new)
	if len(a) > diffWords || len(b) > diffWords || len(a) == 0 || len(b) == 0 {
		return []span{{Text: old}}, []span{{Text: new}}
	}
	commonA, commonB := make([]bool, len(a)), make([]bool, len(b))
	length := lcsTable(a, b)
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			commonA[i], commonB[j] = true, true
			i++
			j++
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return spans(a, commonA), spans(b, commonB)
}

// lcsTable[i][j] is the length of the longest common subsequence of a[i:], b[j:].
func lcsTable(a, b []string) [][]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	return length
}

func spans(words []string, common []bool) []span {
	var out []span
	for i, w := range words {
		if n := len(out); n > 0 && out[n-1].Marked == !common[i] {
			out[n-1].Text += " " + w
			continue
		}
		out = append(out, span{Text: w, Marked: !common[i]})
	}
	return out
}
