package view

import (
	"qgen-sidecar/engine/api"
)

// Fetched shows fetch's answer: where the sample is, or the first of it.
func Fetched(p *Page, r *api.FetchResult) {
	p.say("%d of %s of collection %q, drawn with seed %d", r.Count, count(r.Total, "point", "points"), r.Collection, r.Seed)
	if r.WithoutText > 0 {
		p.say("%s no text, or too short a one; others were drawn for them", count(r.WithoutText, "point has", "points have"))
	}
	if r.Output != nil {
		p.facts(fact{name: "saved in", text: *r.Output, whole: true})
	}
	var rows [][]string
	for _, chunk := range first(r.Chunks) {
		rows = append(rows, []string{cut(value(chunk["chunk_id"]), 40), cut(value(chunk["chunk_text"]), 2*widest)})
	}
	if len(rows) > 0 {
		p.gap()
	}
	p.table("", []column{left("chunk"), left("text")}, rows)
	p.more("", len(r.Chunks), "--json has all, --output FILE writes them")
}

// Prompts shows the messages that a program sends, whole.
func Prompts(p *Page, r *api.PromptsResult) {
	p.facts(fact{name: "program", text: programUsed(r.ProgramUsed), whole: true})
	for _, predictor := range r.Predictors {
		p.gap()
		p.say("%s: %s", predictor.Name, count(len(predictor.Messages), "message", "messages"))
		for i, m := range predictor.Messages {
			p.gap()
			p.say("[%d] %s", i+1, m.Role)
			p.block("    ", m.Content)
		}
	}
}
