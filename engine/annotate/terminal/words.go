package terminal

import (
	"fmt"
	"strings"
)

// What more than one screen says.

// Cancelled is what every front end says when a person went back.
const Cancelled = "nothing was changed"

// Kind is a question's type and format, "fact · question"; "" where it has neither.
func Kind(queryType, queryFormat string) string {
	parts := []string{}
	for _, p := range []string{queryType, queryFormat} {
		if p != "" {
			parts = append(parts, Short(p, 60))
		}
	}
	return strings.Join(parts, " · ")
}

// Pace is how long each of what was done took, and how long the left ones will: two
// parts of a head line. each is in seconds.
func Pace(each float64, left int) string {
	text := fmt.Sprintf("  %.0f s each", each)
	if left > 0 {
		text += fmt.Sprintf("  ~%.0f min left", max(1, each*float64(left)/60))
	}
	return text
}

// Bar is a bar of width characters, done of all filled; "" for no width.
func Bar(width, done, all int) string {
	if width <= 0 {
		return ""
	}
	n := min(width, width*done/max(all, 1))
	return " [" + strings.Repeat("#", n) + strings.Repeat(".", width-n) + "]"
}
