package view

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/engine/quality"
	"qgen-sidecar/internal/clip"
)

// Columns of a page, whatever the terminal has.
const (
	widest    = 100
	narrowest = 40
)

// Page is what a view writes on.
type Page struct {
	width int
	out   strings.Builder
	gaps  bool // the last line is blank, or there is none
}

// NewPage is an empty page for a terminal of so many columns; 0: not known.
func NewPage(columns int) *Page {
	if columns <= 0 {
		columns = widest
	}
	return &Page{width: min(max(columns, narrowest), widest), gaps: true}
}

// String is what was written, line by line.
func (p *Page) String() string { return p.out.String() }

// line is the one way onto the page: what would steer the terminal does not pass.
func (p *Page) line(text string) {
	text = strings.TrimRight(clean(text), " ")
	p.gaps = text == ""
	p.out.WriteString(strings.ReplaceAll(text, "\n", "␊") + "\n")
}

// gap is a blank line between two parts.
func (p *Page) gap() {
	if !p.gaps {
		p.line("")
	}
}

// say writes a sentence, wrapped.
func (p *Page) say(format string, args ...any) { p.behind("", fmt.Sprintf(format, args...)) }

// behind writes a text on as many lines as it takes; the later ones are indented as far
// as the first word reaches.
func (p *Page) behind(before, text string) {
	indent := lipgloss.Width(before)
	for i, line := range wrap(clip.OneLine(clean(text)), p.width-indent) {
		if i > 0 {
			before = strings.Repeat(" ", indent)
		}
		p.line(before + line)
	}
}

// block writes a text of several lines, which stay lines, indented.
func (p *Page) block(indent, text string) {
	for paragraph := range strings.Lines(strings.TrimSpace(clean(text)) + "\n") {
		body := strings.TrimLeft(paragraph, " ")
		own := indent + strings.Repeat(" ", min(len(paragraph)-len(body), 12))
		if strings.TrimSpace(body) == "" {
			p.line("")
			continue
		}
		p.behind(own, body)
	}
}

// fact is a named value. One without a text is left out.
type fact struct {
	name, text string
	whole      bool // on one line, whatever its length: a path, to be copied
}

// facts writes them below each other, their texts aligned.
func (p *Page) facts(all ...fact) { p.factsAt("", all...) }

func (p *Page) factsAt(indent string, all ...fact) {
	width := 0
	for i := range all {
		all[i].name = fit(clip.OneLine(clean(all[i].name)), 30)
		if all[i].text != "" {
			width = max(width, lipgloss.Width(all[i].name))
		}
	}
	for _, f := range all {
		before := indent + padded(f.name, width) + "  "
		switch {
		case f.text == "":
		case f.whole:
			p.line(before + clip.OneLine(clean(f.text)))
		default:
			p.behind(before, f.text)
		}
	}
}

// warnings are all of them, below everything else.
func (p *Page) warnings(all []string) {
	if len(all) > 0 {
		p.gap()
	}
	for _, w := range all {
		p.behind("warning  ", w)
	}
}

// most is how much of a list is shown.
const most = 12

// first is what is shown of a list.
func first[T any](list []T) []T { return list[:min(most, len(list))] }

// more says how much of a list of so many is not shown, and where it is.
func (p *Page) more(indent string, total int, where string) {
	if total > most {
		p.behind(indent, fmt.Sprintf("… and %d more (%s)", total-most, where))
	}
}

// clean is a text that shows what is in it and steers nothing; a tab is a blank.
func clean(text string) string {
	return quality.Visible(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\t", "    "))
}

// cut is a text on one line of at most limit characters.
func cut(text string, limit int) string {
	return clip.Runes(clip.OneLine(clean(clip.Runes(text, 8*limit))), limit)
}

// fit cuts a clean text to so many columns, of which a wide character takes two.
func fit(text string, columns int) string {
	text = clip.Fit(text, columns)
	for n := columns; lipgloss.Width(text) > columns && n > 0; n-- {
		text = clip.Fit(text, n)
	}
	return text
}

// padded fills a clean text up to so many columns.
func padded(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-lipgloss.Width(text)))
}

// wrap breaks a clean text at blanks into lines of at most so many columns; a word that
// is longer than a line is broken too. There is always a line.
func wrap(text string, columns int) []string {
	columns = max(columns, 10)
	var lines []string
	line, used := "", 0
	end := func() {
		lines = append(lines, line)
		line, used = "", 0
	}
	for _, word := range strings.Fields(text) {
		n := lipgloss.Width(word)
		switch {
		case line == "":
		case used+1+n > columns:
			end()
		default:
			line, used = line+" ", used+1
		}
		for n > columns {
			head := head(word, columns)
			lines, word = append(lines, head), word[len(head):]
			n -= lipgloss.Width(head)
		}
		line, used = line+word, used+n
	}
	end()
	return lines
}

// head is the beginning of a word that fills so many columns.
func head(word string, columns int) string {
	used := 0
	for at, r := range word {
		n := lipgloss.Width(string(r))
		if used += n; used > columns && at > 0 {
			return word[:at]
		}
	}
	return word
}
