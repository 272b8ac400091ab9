package view

import (
	"fmt"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/optimize"
)

// OrDryRun shows a method's answer, or that of its dry run.
func OrDryRun[R any](show func(*Page, R)) func(*Page, any) {
	return func(p *Page, answer any) {
		if r, ok := answer.(*api.DryRunResult); ok {
			DryRun(p, r)
			return
		}
		show(p, answer.(R))
	}
}

// DryRun shows what compile or generate-all would take.
func DryRun(p *Page, r *api.DryRunResult) {
	p.say("a dry run: nothing was asked or written")
	p.gap()
	tokens, usd, minutes := "cannot be told", "cannot be told", "cannot be told"
	if r.Tokens != nil {
		tokens = between("%d", r.Tokens[0], r.Tokens[1])
	}
	if r.USD != nil {
		usd = between("$%.2f", r.USD[0], r.USD[1])
	}
	if r.Minutes != nil {
		minutes = between("%.1f", r.Minutes[0], r.Minutes[1]) + " min"
	}
	p.facts(fact{name: "calls", text: between("%d", r.Calls.AtLeast, r.Calls.AtMost)}, fact{name: "tokens", text: tokens},
		fact{name: "price", text: usd}, fact{name: "time", text: minutes})
}

// between is "12 to 40", or "12" where both ends read the same.
func between[N any](format string, low, high N) string {
	from, to := fmt.Sprintf(format, low), fmt.Sprintf(format, high)
	if from == to {
		return from
	}
	return from + " to " + to
}

// Compiled shows compile's answer: what was gained, then a line for each candidate with
// what it is and what became of it, and the instructions that were learned.
func Compiled(p *Page, r *api.CompileResult) {
	p.facts(
		fact{name: "best", text: gained(r)},
		fact{name: "saved in", text: r.Output, whole: true},
		fact{name: "split", text: fmt.Sprintf("chosen by %s of dev; %d of test are left to evaluate it on", count(r.Split.Dev, "entry", "entries"), r.Split.Test)},
		fact{name: "paid", text: fmt.Sprintf("%s, %.1f s", paid(r.Usage), r.ElapsedS)},
	)
	p.gap()
	var won optimize.Candidate
	var rows [][]string
	for _, c := range r.Candidates {
		mark := ""
		if c.Candidate == r.Best.Candidate {
			won, mark = c, "→"
		}
		rows = append(rows, []string{mark, fmt.Sprint(c.Candidate), onDev(c), whatItIs(c)})
	}
	p.table("", []column{left(""), left("candidate"), left("on dev"), left("")}, rows)
	if won.Program != nil {
		for _, predictor := range won.Program.Predictors {
			p.gap()
			p.say("%s:", predictor.Name)
			p.block("  ", predictor.Signature.Instructions)
		}
	}
	p.warnings(r.Warnings)
}

// gained is the winner beside the start: "candidate 2: 80 % of dev succeed, the start 60 %".
func gained(r *api.CompileResult) string {
	if r.Best.Score == nil {
		return "no candidate was scored"
	}
	text := fmt.Sprintf("candidate %d: %.0f %% of dev succeed", r.Best.Candidate, *r.Best.Score)
	if r.Baseline.Score != nil {
		text += fmt.Sprintf(", of the start %.0f %%", *r.Baseline.Score)
	}
	return text
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
	if q := c.Proposal; q != nil && q.MergedWith != nil {
		return fmt.Sprintf("%d with the %s of %d: %s", q.Parent, q.Predictor, *q.MergedWith, q.Outcome)
	} else if q != nil {
		return fmt.Sprintf("instruction of %s, from %d: %s", q.Predictor, q.Parent, q.Outcome)
	}
	text := fmt.Sprintf("%d and %d demonstrations", len(c.Demos.Analyzer), len(c.Demos.Generator))
	switch none := len(c.Demos.Analyzer)+len(c.Demos.Generator) == 0; {
	case none && c.Pruned:
		return "given up while looking for demonstrations"
	case none:
		return "no demonstrations"
	case c.Pruned:
		return text + ", given up"
	}
	return text
}
