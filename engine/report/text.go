package report

import (
	"fmt"
	"strings"

	"qgen-sidecar/internal/clip"
)

const textWidth = 80

// Text is the report for a terminal: at most 80 columns for what the program
// writes, no colour, no control characters.
func Text(d Data) string {
	var b strings.Builder
	c := d.Comparison
	old, new := rateOf(c.Baseline, c.N), rateOf(c.Optimized, c.N)
	line := func(name, text string) {
		if text != "" {
			b.WriteString(wrap(fmt.Sprintf("%-11s", name), clip.OneLine(text)))
		}
	}
	b.WriteString(wrap("", clip.OneLine(title(d))) + wrap("", clip.OneLine(subtitle(d))) + "\n")
	line("verdict", visible(c.Difference.Verdict))
	line("baseline", old.String())
	line("optimised", new.String())
	line("difference", differenceText(c.Difference))
	line("", axis(d))
	line("mean", meanText(c))
	line("pairs", fmt.Sprintf("%d better, %d equal, %d worse; success: both %d, only optimised %d, only baseline %d, neither %d",
		c.Wins, c.Ties, c.Losses, c.Matrix.Both, c.Matrix.OnlyOptimized, c.Matrix.OnlyBaseline, c.Matrix.Neither))
	if old.Errors+new.Errors > 0 {
		line("errors", fmt.Sprintf("%d baseline, %d optimised; counted apart", old.Errors, new.Errors))
	}
	for _, w := range cleaned(allWarnings(d)) {
		line("warning", w)
	}
	for _, n := range cleaned(d.Notes) {
		line("note", n)
	}
	if len(d.Rows) > 0 {
		b.WriteString("\n" + wrap("", PickRule))
	}
	for _, i := range Pick(d.Rows, 5) {
		writeExample(&b, newRow(i, d.Rows[i], 400, nil))
	}
	if d.Repeat.Command != "" {
		b.WriteString("\n" + wrap("again      ", clip.OneLine(cut(d.Repeat.Command, 500))))
	}
	return b.String()
}

func writeExample(b *strings.Builder, r rowView) {
	b.WriteString("\n" + wrap("", fmt.Sprintf("%s %s %s  #%d", r.Sign, r.Result, r.Delta, r.Number)))
	b.WriteString(wrap("  gold     ", clip.OneLine(r.Gold)))
	for _, o := range []struct {
		name string
		out  outputView
	}{{"  baseline ", r.Old}, {"  optimised", r.New}} {
		b.WriteString(wrap(o.name+" ", clip.OneLine(o.out.Score+"  "+o.out.text())))
		if why := o.out.why(); why != "" {
			b.WriteString(wrap("             ", clip.OneLine(why)))
		}
	}
}

// axis draws the interval of the difference: |-----●----|, zero marked.
func axis(d Data) string {
	diff := d.Comparison.Difference
	if diff.Points == nil || diff.CI95 == nil {
		return ""
	}
	const cells = 41 // five points each, -100 to +100
	place := func(points float64) int { return min(max(int((points+100)/5+0.5), 0), cells-1) }
	row := []rune(strings.Repeat("·", cells))
	for i := place(diff.CI95[0]); i <= place(diff.CI95[1]); i++ {
		row[i] = '─'
	}
	row[place(0)] = '┼'
	row[place(*diff.Points)] = '●'
	return "-100 " + string(row) + " +100"
}

// wrap breaks text at spaces; later lines are indented as far as the first.
func wrap(first, text string) string {
	indent := strings.Repeat(" ", len([]rune(first)))
	var b strings.Builder
	b.WriteString(first)
	column := len([]rune(first))
	for i, w := range strings.Fields(text) {
		n := len([]rune(w))
		switch {
		case i == 0:
		case column+1+n > textWidth:
			b.WriteString("\n" + indent)
			column = len([]rune(indent))
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(w)
		column += n
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}
