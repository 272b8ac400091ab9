package quality

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// words splits text into lower-case words of letters, digits and marks. A rune
// of a script that writes no spaces is a word of its own. NFKC first, so that
// full-width and composed forms compare equal; what is invisible (format
// characters, bidi controls) is dropped, so that it cannot hide a copy.
func words(text string) []string {
	if isASCII(text) {
		return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	var out []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	for _, r := range norm.NFKC.String(text) {
		switch {
		case unspaced(r):
			end()
			out = append(out, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			word.WriteRune(unicode.ToLower(r))
		case unicode.Is(unicode.Cf, r):
		default:
			end()
		}
	}
	end()
	return out
}

// isASCII: nothing to normalise, nothing invisible.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unspaced: letters of scripts without spaces between words.
func unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// shingles are the distinct n-grams of words; fewer words than n give one
// shingle of all of them. Words never hold U+0000, so it separates safely.
func shingles(words []string, n int) map[string]struct{} {
	set := map[string]struct{}{}
	if len(words) == 0 {
		return set
	}
	n = min(n, len(words))
	for i := 0; i+n <= len(words); i++ {
		set[strings.Join(words[i:i+n], "\x00")] = struct{}{}
	}
	return set
}
