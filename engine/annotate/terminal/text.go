package terminal

import (
	"strings"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/engine/quality"
	"qgen-sidecar/internal/clip"
)

// Short is a text from outside on one line of at most n characters.
func Short(text string, n int) string { return clip.Fit(clip.OneLine(quality.Visible(text)), n) }

// Wrap makes lines of at most width cells of a text, whatever is in it.
func Wrap(text string, width int) []string {
	text = strings.ReplaceAll(quality.Visible(text), "\t", "    ")
	var out []string
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		out = append(out, strings.Split(lipgloss.Wrap(paragraph, max(width, 10), ""), "\n")...)
	}
	return out
}

// Wrapped keeps a text's lines: a megabyte is wrapped once, not at every key.
type Wrapped struct {
	Words    int    // in the text
	Language string // of the text, as quality.Language names it

	key   string // which text
	width int
	lines []string
}

// Lines are the lines of at most width cells of the text with this key.
func (w *Wrapped) Lines(key, text string, width int) []string {
	if w.lines == nil || w.key != key || w.width != width {
		*w = Wrapped{Words: len(strings.Fields(text)), Language: quality.Language(text), key: key, width: width, lines: Wrap(text, width)}
	}
	return w.lines
}

// Scroll is how far into a text a screen is.
type Scroll struct {
	Whole bool // the whole text is shown, not its beginning
	above int  // lines of the whole text above the window
}

// Key takes the keys that show the whole text and move in it: t, space, pgdown, pgup.
func (s *Scroll) Key(key string) {
	switch key {
	case "t", "space":
		s.Whole, s.above = !s.Whole, 0
	case "pgdown":
		s.above += 10
	case "pgup":
		s.above = max(0, s.above-10)
	}
}

// Window is a text's lines from where the scrolled window begins, and the key that
// shows what does not fit into room lines.
func (s *Scroll) Window(text []string, room int) (lines []string, rest string) {
	if !s.Whole {
		return text, "t"
	}
	s.above = max(0, min(s.above, len(text)-room+1))
	return text[s.above:], "page down"
}
