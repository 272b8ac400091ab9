package config

import (
	"fmt"
	"strings"
)

// Error: the config is unusable. Key is the dotted key ("store.pth"), "" when
// the file as a whole is meant. Line is 1-based in the file, 0 when the value
// did not come from a file.
type Error struct {
	Path, Key, Reason string // Reason says what was expected and found, and for an unknown key names the nearest known one
	Line              int
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("config")
	if e.Path != "" {
		b.WriteString(" " + e.Path)
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	return b.String() + ": " + e.Reason
}
