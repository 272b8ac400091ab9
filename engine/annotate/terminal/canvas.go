package terminal

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/internal/clip"
)

// Canvas is the size of a screen, and what is drawn on it with. Widths are in cells,
// heights in lines.
type Canvas struct {
	Width, Height int
	Plain         bool // no colour
}

// NewCanvas is a canvas of a terminal's usual size, until the terminal says its own.
func NewCanvas(plain bool) Canvas { return Canvas{Width: 80, Height: 24, Plain: plain} }

var (
	faint  = lipgloss.NewStyle().Faint(true)
	strong = lipgloss.NewStyle().Bold(true)
	alarm  = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow)
)

// Faint draws what matters less.
func (c *Canvas) Faint(text string) string { return c.style(faint, text) }

// Strong draws what matters most.
func (c *Canvas) Strong(text string) string { return c.style(strong, text) }

func (c *Canvas) style(st lipgloss.Style, text string) string {
	if c.Plain {
		return text
	}
	return st.Render(text)
}

// Rule is a line across the screen.
func (c *Canvas) Rule() string { return c.Faint(strings.Repeat("─", max(1, c.Width))) }

// Fit is the whole picture: lines cut to the width, with the foot at the bottom.
func (c *Canvas) Fit(top, foot []string) string {
	room := max(0, c.Height-len(foot))
	for len(top) < room {
		top = append(top, "")
	}
	all := append(top[:room:room], foot...)
	for i, line := range all {
		all[i] = lipgloss.NewStyle().MaxWidth(c.Width).Render(line)
	}
	return strings.Join(all, "\n")
}

// Block wraps a text from outside behind a first word, to at most limit lines.
func (c *Canvas) Block(first, text string, limit int) []string {
	lines := Wrap(clip.OneLine(text), c.Width-lipgloss.Width(first)-1)
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

// Text is a heading and a text's lines, in at most room lines: cut with a word on how
// to see the rest.
func (c *Canvas) Text(title string, text []string, room int, rest string) []string {
	lines := []string{c.Strong(clip.Fit(clip.OneLine(title), max(20, c.Width-1)))}
	for i, line := range text {
		if i == room-1 && len(text) > room {
			return append(lines, c.Faint(fmt.Sprintf(" │ (%d more lines: %s)", len(text)-i, rest)))
		}
		lines = append(lines, " │ "+line)
	}
	return lines
}

// Message is what the last key did, in one line; failed says that it did not.
func (c *Canvas) Message(text string, failed bool) string {
	text = Short(text, max(10, c.Width-4))
	if failed {
		return c.style(alarm, "! "+text)
	}
	return text
}
