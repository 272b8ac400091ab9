package view

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/internal/clip"
)

// column of a table: numbers stand right.
type column struct {
	name   string
	number bool
}

// left is a column of texts, right one of numbers.
func left(name string) column  { return column{name: name} }
func right(name string) column { return column{name: name, number: true} }

// narrowestText is what a column of texts keeps where the page is too narrow for all.
const narrowestText = 6

// table writes rows of cells under the names of their columns. Where it is too wide, the
// widest columns of texts are cut.
func (p *Page) table(indent string, columns []column, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	cells := append([][]string{names}, rows...)
	if !slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		cells = rows
	}
	shown := make([][]string, len(cells))
	widths := make([]int, len(columns))
	for i, row := range cells {
		shown[i] = make([]string, len(row))
		for k, cell := range row {
			shown[i][k] = clip.OneLine(clean(clip.Runes(cell, 2*widest)))
			widths[k] = max(widths[k], lipgloss.Width(shown[i][k]))
		}
	}
	shrink(columns, widths, p.width-len(indent))
	for _, row := range shown {
		p.line(indent + rowLine(columns, widths, row))
	}
}

// tally is a count, and what it counts.
type tally struct {
	name  string
	n     int
	means string
}

// tallies writes them below each other.
func (p *Page) tallies(all ...tally) {
	rows := make([][]string, len(all))
	for i, t := range all {
		rows[i] = []string{t.name, fmt.Sprint(t.n), t.means}
	}
	p.table("", []column{left(""), right(""), left("")}, rows)
}

// shrink makes the widths fit: columns stand two blanks apart.
func shrink(columns []column, widths []int, room int) {
	for {
		total, widest := 2*(len(widths)-1), -1
		for k, w := range widths {
			total += w
			if !columns[k].number && w > narrowestText && (widest < 0 || w > widths[widest]) {
				widest = k
			}
		}
		if total <= room || widest < 0 {
			return
		}
		widths[widest]--
	}
}

func rowLine(columns []column, widths []int, row []string) string {
	var b strings.Builder
	for k, cell := range row {
		cell = fit(cell, widths[k])
		if k > 0 {
			b.WriteString("  ")
		}
		if columns[k].number {
			b.WriteString(strings.Repeat(" ", max(0, widths[k]-lipgloss.Width(cell))) + cell)
		} else {
			b.WriteString(padded(cell, widths[k]))
		}
	}
	return b.String()
}
