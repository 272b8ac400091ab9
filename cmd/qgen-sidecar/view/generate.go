package view

import (
	"fmt"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/engine/api"
)

// Generated shows generate's answer: the question, or why there is none.
func Generated(p *Page, r *api.GenerateResult) {
	question := "none"
	if r.Query != nil {
		question = *r.Query
	}
	persona := "none"
	if r.PersonaDescription != nil {
		persona = *r.PersonaDescription
	}
	point := ""
	if r.PointID != nil {
		point = value(r.PointID)
	}
	p.facts(
		fact{name: "question", text: question},
		fact{name: "rejected", text: r.RejectedReason},
		fact{name: "type", text: kind(r.QueryType, r.QueryFormat)},
		fact{name: "persona", text: cut(persona, 400)},
		fact{name: "saved as", text: point},
		fact{name: "model", text: r.Model},
		fact{name: "program", text: programUsed(r.ProgramUsed), whole: true},
		fact{name: "paid", text: fmt.Sprintf("%s, %.1f s", paid(r.Usage), r.ElapsedMS/1000)},
	)
	p.warnings(r.Warnings)
}

// GeneratedAll shows generate-all's answer: what became of the questions, what the
// gates refused, the mix of types, and what failed.
func GeneratedAll(p *Page, r *api.GenerateAllResult) {
	all := []tally{
		{"done", r.Done, "questions made now"},
		{"skipped", r.Skipped, "done before, or of a point without a text"},
		{"rejected", r.Rejected, "refused by a gate or without a persona; not asked again"},
		{"failed", r.Failed, "no usable answer; the same call asks them again"},
	}
	if r.Stale > 0 {
		all = append(all, tally{"stale", r.Stale, "saved questions whose chunk is gone or has another text"})
	}
	p.tallies(all...)
	gates(p, r.Gates)
	typeShares(p, r.Types, r.TypeDivergence)
	failures(p, r.Failures)
	p.gap()
	p.facts(fact{name: "program", text: programUsed(r.ProgramUsed), whole: true}, fact{name: "paid", text: paid(r.Usage)})
	p.warnings(r.Warnings)
}

func gates(p *Page, all []api.GateCount) {
	var rows [][]string
	for _, g := range all {
		usd := orDash("$%.4f", g.Usage.USD)
		rows = append(rows, []string{g.Gate, fmt.Sprint(g.Asked), fmt.Sprint(g.Refused), fmt.Sprint(g.Usage.Calls), fmt.Sprint(g.Usage.PromptTokens + g.Usage.CompletionTokens), usd})
	}
	if len(rows) > 0 {
		p.gap()
	}
	p.table("", []column{left("gate"), right("asked"), right("refused"), right("calls"), right("tokens"), right("paid")}, rows)
}

// typeShares are the types of questions, beside the mix that was wanted.
func typeShares(p *Page, all []api.TypeShare, divergence *float64) {
	if len(all) == 0 {
		return
	}
	columns := []column{left("type"), right("questions"), right("share"), right("wanted")}
	if all[0].Wanted == nil {
		columns = columns[:3]
	}
	var rows [][]string
	for _, t := range first(all) {
		row := []string{t.Type, fmt.Sprint(t.N), share(t.Share), ""}
		if t.Wanted != nil {
			row[3] = share(*t.Wanted)
		}
		rows = append(rows, row[:len(columns)])
	}
	p.gap()
	p.table("", columns, rows)
	p.more("", len(all), "--json has all")
	if divergence != nil {
		p.say("%.3f bits from the mix that was wanted; 0.05 is as good as wanted", *divergence)
	}
}

func failures(p *Page, all []api.Failure) {
	if len(all) == 0 {
		return
	}
	p.gap()
	p.say("failed, by chunk")
	ids, width := make([]string, len(first(all))), 0
	for i, f := range first(all) {
		ids[i] = fit(cut(value(f.ChunkID), 40), 36)
		width = max(width, lipgloss.Width(ids[i]))
	}
	for i, f := range first(all) {
		p.behind("  "+padded(ids[i], width)+"  ", cut(f.Error, 300))
	}
	p.more("  ", len(all), "--json has all")
}
