package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/internal/jsonvalue"
)

// GoldSample shows the entries that `gold show` drew, each whole but for the ends of
// long texts.
func GoldSample(p *Page, r *api.GoldSampleResult) {
	if r.Total == 0 {
		p.say("the gold set has no entries yet; pick some with qgen-sidecar annotate, or bring some along with qgen-sidecar gold import FILE")
		return
	}
	p.say("%d of %s", len(r.Entries), count(r.Total, "entry", "entries"))
	for _, raw := range r.Entries {
		p.gap()
		entry := map[string]any{}
		in := json.NewDecoder(bytes.NewReader(raw))
		in.UseNumber() // an id may be no float
		if err := in.Decode(&entry); err != nil {
			p.say("an entry that cannot be read: %s", jsonvalue.Fault(err))
			continue
		}
		goldEntry(p, entry)
	}
}

// goldEntry has the known keys in their order, then the others.
func goldEntry(p *Page, entry map[string]any) {
	take := func(key string) string {
		v, ok := entry[key]
		delete(entry, key)
		if !ok || v == nil {
			return ""
		}
		return cut(value(v), 400)
	}
	p.behind("", take("gold_question"))
	facts := []fact{{name: "persona", text: take("persona_description")}, {name: "type", text: kind(take("query_type"), take("query_format"))},
		{name: "chunk", text: take("chunk_text")}, {name: "chunk id", text: take("chunk_id")}}
	for _, key := range sorted(entry) {
		facts = append(facts, fact{name: key, text: take(key)})
	}
	p.factsAt("  ", facts...)
}

// GoldCheck shows what is worth a second look in the gold set, the counts first.
func GoldCheck(p *Page, r *api.GoldCheck) {
	p.say("%s, %d flagged", count(r.N, "entry", "entries"), len(r.Flagged))
	p.gap()
	p.tallies(
		tally{"duplicates", r.Duplicates, "nearly an earlier question"},
		tally{"leaks", r.Leaks, "repeats the chunk's wording"},
		tally{"not standalone", r.NotStandalone, "makes sense only beside its text"},
		tally{"other language", r.OtherLanguage, "than its chunk's"},
		tally{"odd length", r.BadLength, "very few words or very many"},
		tally{"no persona", r.NoPersona, ""},
	)
	p.gap()
	words := ""
	if w := r.Words; w != nil {
		words = fmt.Sprintf("%d to %d a question, half have %d or fewer", w.Shortest, w.Longest, w.Median)
	}
	p.facts(fact{name: "words", text: words}, fact{name: "languages", text: counts(r.Languages)},
		fact{name: "types", text: counts(r.QueryTypes)}, fact{name: "formats", text: counts(r.QueryFormats)})
	goldPersonas(p, r.Personas)
	if len(r.Flagged) > 0 {
		p.gap()
		p.say("flagged, counted from 0")
	}
	for _, f := range first(r.Flagged) {
		p.behind(fmt.Sprintf("  %-5d ", f.Index), cut(f.Question, 200))
		p.behind("        ", cut(strings.Join(f.Reasons, "; "), 300))
	}
	p.more("  ", len(r.Flagged), "--json has all")
	p.warnings(r.Warnings)
}

func goldPersonas(p *Page, all []api.GoldPersona) {
	var rows [][]string
	for _, persona := range first(all) {
		rows = append(rows, []string{fmt.Sprint(persona.N), cut(persona.Description, 200)})
	}
	if len(rows) > 0 {
		p.gap()
	}
	p.table("", []column{right("entries"), left("persona")}, rows)
	p.more("", len(all), "--json has all")
}

// IndexedEntry is an entry of the gold set with its place, counted from 0.
type IndexedEntry struct {
	Index int `json:"index"`
	api.GoldEntry
}

// GoldEntries lists the gold set, a line each and all of them.
func GoldEntries(p *Page, all []IndexedEntry) {
	rows := make([][]string, len(all))
	for i, g := range all {
		rows[i] = []string{fmt.Sprint(g.Index), cut(g.GoldQuestion, 200), fit(cut(g.PersonaDescription, 200), p.width/4)}
	}
	p.say("%s, counted from 0", count(len(all), "entry", "entries"))
	p.gap()
	p.table("", []column{right("entry"), left("question"), left("persona")}, rows)
}

// GoldImported is what `gold import` did.
type GoldImported struct {
	Count int `json:"count"` // entries in the gold set now
	Read  int `json:"read"`  // entries in the file
}

// GoldImport shows how many entries were read, and how many there are.
func GoldImport(p *Page, r GoldImported) {
	p.say("%s read; the gold set has %d now", count(r.Read, "entry", "entries"), r.Count)
}

// GoldMerged shows what came of other people's journals, and how far they agree with
// one's own.
func GoldMerged(p *Page, r decisions.Merged) {
	p.say("%s added; the gold set has %d now", count(r.Added, "entry", "entries"), r.Count)
	for _, t := range r.Agreement {
		p.gap()
		p.line(cut(t.Journal, 1000))
		agreed := "cannot be told"
		if t.Agreed != nil {
			agreed = share(*t.Agreed)
		}
		p.factsAt("  ",
			fact{name: "decided by both", text: count(t.Both, "chunk", "chunks")},
			fact{name: "agreed on", text: agreed},
			fact{text: fmt.Sprintf("%d the same question, %d another question, %d passed by both, %d passed by one", t.Same, t.Differ, t.Passed, t.OnePast)},
			fact{name: "usable or not", text: "κ " + orDash("%.2f", t.KappaUse)},
		)
	}
}
