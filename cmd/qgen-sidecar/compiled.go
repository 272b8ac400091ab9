package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/optimize"
)

// compiled shows a compile to a person: a line for each candidate with what it is
// and what became of it, and the instructions that were learned. --json has all.
func compiled(w io.Writer, r *api.CompileResult) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  candidate\ton dev\t")
	var won optimize.Candidate
	for _, c := range r.Candidates {
		mark := " "
		if c.Candidate == r.Best.Candidate {
			won, mark = c, "→"
		}
		fmt.Fprintf(table, "%s %d\t%s\t%s\n", mark, c.Candidate, onDev(c), printable(whatItIs(c)))
	}
	table.Flush()
	fmt.Fprintf(w, "\nchosen by %d entries of dev: %d of test are left to evaluate it on\n", r.Split.Dev, r.Split.Test)
	for _, text := range learned(won) {
		fmt.Fprintln(w, "\n"+printable(text))
	}
	fmt.Fprintf(w, "\nsaved in  %s\n", r.Output)
	fmt.Fprintf(w, "paid      %s, %.1f s\n", usageLine(r.Usage), r.ElapsedS)
	for _, warning := range r.Warnings {
		fmt.Fprintln(w, "warning   "+printable(warning))
	}
}

func onDev(c optimize.Candidate) string {
	switch {
	case c.Score == nil:
		return "–"
	case c.Errors > 0:
		return fmt.Sprintf("%.1f %% of %d", *c.Score, c.N)
	}
	return fmt.Sprintf("%.1f %%", *c.Score)
}

func whatItIs(c optimize.Candidate) string {
	if p := c.Proposal; p != nil && p.MergedWith != nil {
		return fmt.Sprintf("%d with the %s of %d: %s", p.Parent, p.Predictor, *p.MergedWith, p.Outcome)
	} else if p != nil {
		return fmt.Sprintf("instruction of %s, from %d: %s", p.Predictor, p.Parent, p.Outcome)
	}
	if n, m := len(c.Demos.Analyzer), len(c.Demos.Generator); n+m > 0 {
		return fmt.Sprintf("%d and %d demonstrations%s", n, m, given(c.Pruned, ", given up"))
	}
	if c.Pruned {
		return "given up while looking for demonstrations"
	}
	return "no demonstrations"
}

func given(when bool, text string) string {
	if when {
		return text
	}
	return ""
}

// learned are the winner's instructions.
func learned(c optimize.Candidate) []string {
	if c.Program == nil {
		return nil
	}
	var out []string
	for _, pr := range c.Program.Predictors {
		out = append(out, pr.Name+":\n  "+strings.ReplaceAll(pr.Signature.Instructions, "\n", "\n  "))
	}
	return out
}

func usageLine(u api.Usage) string {
	text := fmt.Sprintf("%d calls and %d tokens", u.Calls, u.PromptTokens+u.CompletionTokens)
	if u.USD != nil {
		text += fmt.Sprintf(", $%.4f", *u.USD)
	}
	if u.Cached > 0 {
		text += fmt.Sprintf("; %d replies were known", u.Cached)
	}
	return text
}
