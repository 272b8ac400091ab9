package view

import "charm.land/lipgloss/v2"

// HelpPage is what --help prints.
type HelpPage struct {
	About string
	Usage []HelpRow
	Parts []HelpPart
	Notes []string
}

// HelpPart is a list under a heading.
type HelpPart struct {
	Title string
	Rows  []HelpRow
}

// HelpRow is what is typed, and what it does.
type HelpRow struct{ Name, Text string }

// Help shows it: what it is about, how it is called, and what may be said there.
func Help(p *Page, h HelpPage) {
	p.say("%s", h.About)
	p.gap()
	p.line("Usage")
	for _, row := range h.Usage {
		p.line("  " + row.Name)
		if row.Text != "" {
			p.behind("      ", row.Text)
		}
	}
	for _, part := range h.Parts {
		p.gap()
		p.line(part.Title)
		p.helpRows(part.Rows)
	}
	if len(h.Notes) > 0 {
		p.gap()
	}
	for _, note := range h.Notes {
		p.say("%s", note)
	}
}

// helpRows sets the texts below each other; a name that is too long for that has a line
// of its own.
func (p *Page) helpRows(rows []HelpRow) {
	const widest = 26
	width := 0
	for _, row := range rows {
		if n := lipgloss.Width(row.Name); n <= widest {
			width = max(width, n)
		}
	}
	for _, row := range rows {
		if before := "  " + padded(row.Name, width) + "  "; lipgloss.Width(row.Name) <= width {
			p.behind(before, row.Text)
			continue
		}
		p.line("  " + row.Name)
		p.behind(padded("", width+4), row.Text)
	}
}
