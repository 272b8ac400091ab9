package report

import (
	"fmt"

	"qgen-sidecar/engine/quality"
)

// visible makes text safe to show: see quality.Visible.
func visible(text string) string { return quality.Visible(text) }

// cut keeps the first limit runes of visible text and says what is left out.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return visible(text)
	}
	// A rune has at most four bytes: no need to look at a megabyte.
	head := []rune(text[:min(len(text), 4*limit)])
	if len(head) <= limit && len(text) <= 4*limit {
		return visible(text)
	}
	head = head[:min(limit, len(head))]
	return visible(string(head)) + fmt.Sprintf(" … (cut: %d of %d bytes shown)", len(string(head)), len(text))
}
