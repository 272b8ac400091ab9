package lm

import (
	"fmt"
	"time"
)

// AtOnce bounds the examples of a job in work; the dispatcher bounds the calls.
const AtOnce = 64

// EnoughToTell is how many runs must have been made before their speed says
// something about the rest.
const EnoughToTell = 8

// Left is how long is left, in words: "about 12 min left".
func Left(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("about %.0f s left", max(1, d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("about %.0f min left", d.Minutes())
	}
	return fmt.Sprintf("about %.1f h left", d.Hours())
}
