package annotate

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/internal/clip"
)

// canvas is the size of a screen and what both front ends draw on it with.
type canvas struct {
	width, height int
	plain         bool // no colour
}

func (c *canvas) style(st lipgloss.Style, text string) string {
	if c.plain {
		return text
	}
	return st.Render(text)
}

func (c *canvas) rule() string { return c.style(faint, strings.Repeat("─", max(1, c.width))) }

// fit cuts lines to the width and puts the foot at the bottom.
func (c *canvas) fit(top, foot []string) string {
	room := max(0, c.height-len(foot))
	for len(top) < room {
		top = append(top, "")
	}
	all := append(top[:room:room], foot...)
	for i, line := range all {
		all[i] = lipgloss.NewStyle().MaxWidth(c.width).Render(line)
	}
	return strings.Join(all, "\n")
}

// block wraps a text from outside behind a first word, to at most limit lines.
func (c *canvas) block(first, text string, limit int) []string {
	lines := wrapped(clip.OneLine(text), c.width-lipgloss.Width(first)-1)
	if len(lines) > limit {
		lines = lines[:limit]
		lines[limit-1] += " …"
	}
	for i := range lines {
		lines[i] = first + lines[i]
		first = strings.Repeat(" ", lipgloss.Width(first))
	}
	return lines
}

// textLines are a heading and a text's lines, in at most room lines: cut with a
// word on how to see the rest.
func (c *canvas) textLines(title string, text []string, room int, rest string) []string {
	lines := []string{c.style(strong, clip.Fit(clip.OneLine(title), max(20, c.width-1)))}
	for i, line := range text {
		if i == room-1 && len(text) > room {
			return append(lines, c.style(faint, fmt.Sprintf(" │ (%d more lines: %s)", len(text)-i, rest)))
		}
		lines = append(lines, " │ "+line)
	}
	return lines
}

// reading is how far into a chunk's text a screen is.
type reading struct {
	whole  bool
	scroll int // lines of the whole text above the window
}

// leaf takes the keys that show the whole text and move in it.
func (r *reading) leaf(key string) {
	switch key {
	case "t", "space":
		r.whole, r.scroll = !r.whole, 0
	case "pgdown":
		r.scroll += 10
	case "pgup":
		r.scroll = max(0, r.scroll-10)
	}
}

// window is where a scrolled text begins, and how to see what follows.
func (r *reading) window(text []string, room int) ([]string, string) {
	if !r.whole {
		return text, "t"
	}
	r.scroll = max(0, min(r.scroll, len(text)-room+1))
	return text[r.scroll:], "page down"
}
