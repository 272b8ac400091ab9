package view

import (
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
)

// CheckedQuestions shows check-questions' answer: the counts, the round trip and the
// diversity, then what was flagged.
func CheckedQuestions(p *Page, r *api.CheckQuestionsResult) {
	where := "--json has all, --report FILE shows them"
	if r.Report != "" {
		where = "the report has all"
	}
	p.say("%s, %d flagged", count(r.N, "question", "questions"), len(r.Flagged))
	p.gap()
	faults := func(n int, name, means string) []string {
		return []string{name, fmt.Sprint(n), shareOf(n, r.N), means}
	}
	p.table("", []column{left(""), right(""), right(""), left("")}, [][]string{
		faults(r.Duplicates, "duplicates", "nearly an earlier question, in wording or meaning"),
		faults(r.Leaks, "leaks", "repeats the chunk's wording"),
		faults(r.NotStandalone, "not standalone", "makes sense only beside its text"),
		faults(r.OtherLanguage, "other language", "than its chunk's"),
	})
	p.gap()
	p.facts(fact{name: "languages", text: counts(r.Languages)}, fact{name: "round trip", text: roundTrip(r)})
	diversity(p, r.Diversity)
	flagged(p, r.Flagged, where)
	dark(p, r.DarkChunks, where)
	p.gap()
	p.facts(fact{name: "report", text: r.Report, whole: true}, fact{name: "paid", text: paid(r.Usage)})
	p.warnings(r.Warnings)
}

func roundTrip(r *api.CheckQuestionsResult) string {
	t := r.RoundTrip
	if t == nil {
		return "not measured"
	}
	return fmt.Sprintf("%s find their chunk first, %s among 5, %s among 10; mean reciprocal rank %.2f",
		share(t.At1), share(t.At5), share(t.At10), t.MRR)
}

// measures of diversity, in the order in which they are shown, under the names by which
// warnings call them.
var measures = []struct{ name, format, means string }{
	{"distinct_1", "%.2f", "different words per word"},
	{"distinct_2", "%.2f", "different word pairs per pair"},
	{"distinct_3", "%.2f", "different word triples per triple"},
	{"ngd", "%.2f", "n-gram diversity, of 4"},
	{"mean_similarity", "%.2f", "of two questions, of 1"},
	{"mean_words", "%.1f", "words a question"},
	{"opening_share", "%.2f", "of the commonest opening"},
}

// diversity beside the gold set's, where there is one: then both are of equally many
// questions.
func diversity(p *Page, whole map[string]any) {
	beside, _ := whole["beside_gold"].(map[string]any)
	ours, _ := beside["questions"].(map[string]any)
	gold, _ := beside["gold"].(map[string]any)
	of, compared := value(beside["n"]), ours != nil && gold != nil
	if !compared {
		ours = whole
	}
	var rows [][]string
	for _, m := range measures {
		row := []string{m.name, figure(m.format, ours[m.name]), figure(m.format, gold[m.name]), m.means}
		if !compared {
			row = slices.Delete(row, 2, 3)
		}
		if row[1] != "" {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return
	}
	p.gap()
	if compared {
		p.table("", []column{left("diversity"), right("questions"), right("gold set"), left("")}, rows)
		p.say("both of %s questions, as all but the length depends on that", of)
	} else {
		p.table("", []column{left("diversity"), right("questions"), left("")}, rows)
	}
	opening, _ := whole["opening"].(string)
	vendi, _ := whole["vendi"].(float64)
	p.facts(fact{name: "opening", text: quoted(opening)}, fact{name: "Vendi", text: effective(vendi)})
	types, _ := whole["types"].([]api.TypeShare)
	divergence, measured := whole["type_divergence"].(float64)
	if !measured {
		typeShares(p, types, nil)
		return
	}
	typeShares(p, types, &divergence)
}

func figure(format string, v any) string {
	if x, ok := v.(float64); ok {
		return fmt.Sprintf(format, x)
	}
	return ""
}

func quoted(opening string) string {
	if opening == "" {
		return ""
	}
	return "most begin “" + cut(opening, 60) + "”"
}

func effective(vendi float64) string {
	if vendi == 0 {
		return ""
	}
	return fmt.Sprintf("as many meanings as %.1f questions that have nothing in common", vendi)
}

func flagged(p *Page, all []api.Flag, where string) {
	if len(all) == 0 {
		return
	}
	p.gap()
	p.say("flagged, counted from 0")
	for _, f := range first(all) {
		p.behind(fmt.Sprintf("  %-5d ", f.Index), cut(strings.Join(f.Reasons, "; "), 300))
	}
	p.more("  ", len(all), where)
}

func dark(p *Page, ids []any, where string) {
	if len(ids) == 0 {
		return
	}
	shown := make([]string, len(first(ids)))
	for i, id := range first(ids) {
		shown[i] = cut(value(id), 60)
	}
	p.gap()
	p.say("%s that none of their questions finds", count(len(ids), "chunk", "chunks"))
	p.behind("  ", strings.Join(shown, ", "))
	p.more("  ", len(ids), where)
}
