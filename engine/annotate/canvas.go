package annotate

import (
	"strings"

	"charm.land/lipgloss/v2"
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
	lines := wrapped(strings.Join(strings.Fields(text), " "), c.width-lipgloss.Width(first)-1)
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
