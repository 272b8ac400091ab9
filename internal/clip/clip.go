// Package clip shortens texts for messages and screens, where one too long would
// hide the rest. Lengths are in runes, so that no character is cut in two.
package clip

import (
	"strings"
	"unicode/utf8"
)

// Runes is the first n runes of s, and … where more was left out.
func Runes(s string, n int) string {
	if at := after(s, n); at < len(s) {
		return s[:at] + "…"
	}
	return s
}

// Fit is s where it has at most n runes, else its first n−1 with … behind them.
func Fit(s string, n int) string {
	if after(s, n) == len(s) {
		return s
	}
	return s[:after(s, n-1)] + "…"
}

// OneLine joins the words of s by single blanks.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// after is the index behind the first n runes. It looks at no more of s than that.
func after(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}
