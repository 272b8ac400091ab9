package quality

import (
	"fmt"
	"strings"
	"unicode"
)

// Visible makes text safe to show anywhere: what is not UTF-8 becomes U+FFFD,
// control characters their pictures (NUL is ␀, ESC is ␛), characters that
// reorder or hide text a visible escape such as ⟦U+202E⟧. Line ends and tabs
// stay. A terminal cannot be driven and a reader not be fooled by the result.
func Visible(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexFunc(text, mustEscape) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !mustEscape(r):
			b.WriteRune(r)
		case r < 0x20:
			b.WriteRune(0x2400 + r)
		default:
			fmt.Fprintf(&b, "⟦U+%04X⟧", r)
		}
	}
	return b.String()
}

// mustEscape: controls but line ends and tab; bidirectional controls, and
// tags and other format characters but those that ordinary scripts need
// (joiners, soft hyphen).
func mustEscape(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r == '\u200c' || r == '\u200d' || r == '\u00ad':
		return false
	case r == '\u2028' || r == '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
