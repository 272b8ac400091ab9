package view

import (
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/program"
)

// Why shows where a saved question comes from.
func Why(p *Page, r *api.WhyResult) {
	p.facts(
		fact{name: "question", text: r.Question},
		fact{name: "stale", text: r.Stale},
		fact{name: "chunk", text: chunkNow(r)},
		fact{name: "persona", text: cut(r.PersonaDescription, 400)},
		fact{name: "type", text: kind(r.Plan.QueryType, r.Plan.QueryFormat)},
		fact{name: "model", text: r.Model},
		fact{name: "written", text: r.CreatedAt},
		fact{name: "point", text: value(r.PointID)},
	)
	named(p, "chunk, as it is now", r.Chunk)
	named(p, "how it was made", r.Provenance)
	whyProgram(p, r.Program)
	named(p, "more of its payload", rest(r))
}

func chunkNow(r *api.WhyResult) string {
	switch {
	case r.ChunkID == nil:
		return "none is named"
	case r.Chunk == nil:
		return value(r.ChunkID) + ", which is gone"
	}
	return value(r.ChunkID)
}

// shown are keys of the payload that have a line of their own above.
var shown = []string{"persona_description", "query_type", "query_format", "model", "created_at", "program_hash", "provenance"}

// rest is what else the payload has. The keys of the question and of the chunk's id are
// named by the config; they are known by what they hold.
func rest(r *api.WhyResult) map[string]any {
	left := map[string]any{}
	for key, v := range r.Payload {
		if !slices.Contains(shown, key) && value(v) != r.Question && value(v) != value(r.ChunkID) {
			left[key] = v
		}
	}
	return left
}

// named are the members of an object, a line or a few each.
func named(p *Page, title string, members map[string]any) {
	if len(members) == 0 {
		return
	}
	p.gap()
	p.say("%s", title)
	var facts []fact
	for _, name := range first(sorted(members)) {
		facts = append(facts, fact{name: name, text: cut(value(members[name]), 300)})
	}
	p.factsAt("  ", facts...)
	p.more("  ", len(members), "--json has all")
}

func whyProgram(p *Page, r api.WhyProgram) {
	p.gap()
	p.say("program")
	p.factsAt("  ", fact{name: "hash", text: r.Hash}, fact{name: "path", text: r.Path, whole: true}, fact{name: "missing", text: r.Missing})
	for _, predictor := range r.Predictors {
		p.gap()
		p.say("%s, with %s", predictor.Name, count(len(predictor.Demonstrations), "demonstration", "demonstrations"))
		p.block("  ", predictor.Instructions)
		for i, d := range first(predictor.Demonstrations) {
			p.behind(fmt.Sprintf("  [%d] ", i+1), demonstration(d))
		}
		p.more("  ", len(predictor.Demonstrations), "--json has all")
	}
}

// demonstration is what it answers, and the beginning of the chunk.
func demonstration(d program.Demo) string {
	var parts []string
	for _, field := range []string{"query", "query_type", "query_format"} {
		if text, ok := d.Text(field); ok {
			parts = append(parts, cut(text, 200))
		}
	}
	if chunk, ok := d.Text("chunk_text"); ok {
		parts = append(parts, "of: "+cut(chunk, 80))
	}
	if d.Augmented() {
		parts = append(parts, "(by the teacher)")
	}
	return strings.Join(parts, " · ")
}
