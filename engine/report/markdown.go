package report

import (
	"fmt"
	"strings"

	"qgen-sidecar/internal/clip"
)

// Markdown is the report for a pull request or a wiki: the numbers, the
// warnings and the examples worth reading.
func Markdown(d Data) string {
	var b strings.Builder
	c := d.Comparison
	fmt.Fprintf(&b, "# %s\n\n%s\n\n## %s\n\n%s\n\n", md(title(d)), md(subtitle(d)), headline(c.Difference), md(explanation(c)))
	fmt.Fprintf(&b, "| | baseline | optimised |\n|---|---|---|\n")
	fmt.Fprintf(&b, "| program | %s | %s |\n", md(name(d.Baseline, "baseline")), md(name(d.Optimized, "optimised")))
	old, new := rateOf(c.Baseline, c.N), rateOf(c.Optimized, c.N)
	fmt.Fprintf(&b, "| success | %s | %s |\n", md(old.String()), md(new.String()))
	fmt.Fprintf(&b, "| errors | %d | %d |\n\n", old.Errors, new.Errors)
	fmt.Fprintf(&b, "- verdict: %s\n- difference: %s\n", md(c.Difference.Verdict), md(differenceText(c.Difference)))
	if mean := meanText(c); mean != "" {
		fmt.Fprintf(&b, "- mean score: %s\n", md(mean))
	}
	fmt.Fprintf(&b, "- %d better, %d equal, %d worse; success: both %d, only optimised %d, only baseline %d, neither %d\n",
		c.Wins, c.Ties, c.Losses, c.Matrix.Both, c.Matrix.OnlyOptimized, c.Matrix.OnlyBaseline, c.Matrix.Neither)
	for _, w := range cleaned(allWarnings(d)) {
		fmt.Fprintf(&b, "- **warning:** %s\n", md(w))
	}
	for _, n := range cleaned(d.Notes) {
		fmt.Fprintf(&b, "- note: %s\n", md(n))
	}
	if len(d.Rows) > 0 {
		fmt.Fprintf(&b, "\n## Worth reading\n\n%s\n", PickRule)
	}
	for _, i := range Pick(d.Rows, 5) {
		mdExample(&b, newRow(i, d.Rows[i], 600, nil))
	}
	fmt.Fprintf(&b, "\n## This run\n\n")
	for _, f := range append(judgeFacts(d.Judge), runFacts(d)...) {
		fmt.Fprintf(&b, "- %s: %s\n", md(f.Name), md(f.Text))
	}
	if d.Repeat.Command != "" {
		// Indented code cannot be ended by what stands in it.
		fmt.Fprintf(&b, "\n    %s\n", clip.OneLine(visible(d.Repeat.Command)))
	}
	fmt.Fprintf(&b, "\n<!-- %s -->\n", Evaluation.mark())
	return b.String()
}

func mdExample(b *strings.Builder, r rowView) {
	fmt.Fprintf(b, "\n### %s %s %s, question %d\n\n- gold: %s\n", r.Sign, r.Result, r.Delta, r.Number, md(r.Gold))
	for _, o := range []struct {
		name string
		out  outputView
	}{{"baseline", r.Old}, {"optimised", r.New}} {
		fmt.Fprintf(b, "- %s %s: %s\n", o.name, o.out.Score, md(o.out.text()))
		if why := o.out.why(); why != "" {
			fmt.Fprintf(b, "  - %s\n", md(why))
		}
	}
	fmt.Fprintf(b, "- chunk: %s\n", md(r.Chunk))
}

var mdEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "#", `\#`, "~", `\~`, "://", ":&#47;/")

// md is text on one line in which nothing is Markdown, HTML or a link.
func md(text string) string { return mdEscapes.Replace(clip.OneLine(visible(text))) }
