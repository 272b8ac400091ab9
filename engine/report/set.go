package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// Set is what is known of a set of questions, as check-questions finds it.
type Set struct {
	GeneratedAt time.Time `json:"generated_at"`
	Version     string    `json:"version,omitempty"`

	Source    string        `json:"source"` // "questions in the collection qa", "given questions"
	RoundTrip *RoundTrip    `json:"round_trip"`
	Faults    []Fault       `json:"faults"` // one for each check, in the page's order
	Languages []Count       `json:"languages"`
	Diversity []SetMeasure  `json:"diversity"`
	Dark      []string      `json:"dark_chunks"`
	Rows      []SetQuestion `json:"questions"`
	Warnings  []string      `json:"warnings"`
}

// RoundTrip is the share of Searched questions whose chunk is among the first k, 0…1.
type RoundTrip struct {
	Searched int     `json:"searched"`
	At1      float64 `json:"at_1"`
	At5      float64 `json:"at_5"`
	At10     float64 `json:"at_10"`
	MRR      float64 `json:"mrr"`
}

// Fault is one check: its gate's name, how many it found, and what it means.
type Fault struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
	Means string `json:"means"`
}

// Count is a name with a number.
type Count struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// SetMeasure is a figure of the questions beside that of equally many gold ones.
type SetMeasure struct {
	Name      string   `json:"name"`
	Questions *float64 `json:"questions"`
	Gold      *float64 `json:"gold"`
}

// SetQuestion is one question. Rank is where its chunk was found, 0 not at all, nil
// when it was not searched with; Kinds are the faults' gates.
type SetQuestion struct {
	ChunkID   string   `json:"chunk_id,omitempty"`
	ChunkText string   `json:"chunk_text"`
	Query     string   `json:"query"`
	Language  string   `json:"language"`
	Rank      *int     `json:"rank"`
	Kinds     []string `json:"kinds"`
	Reasons   []string `json:"reasons"`
}

//go:embed set.html
var setHTML string

var setPage = parsed("set", setHTML)

// WriteSet writes s as path (HTML) and beside it as .json and .md, as Write does.
func WriteSet(path string, s Set) error {
	html, err := SetHTML(s)
	if err != nil {
		return err
	}
	full, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return writeAll(path, html, append(full, '\n'), []byte(SetMarkdown(s)))
}

// SetHTML is the page, at most MaxBytes.
func SetHTML(s Set) ([]byte, error) {
	return smallEnough(func(out *bytes.Buffer, l limits) error { return setPage.Execute(out, newSetView(s, l)) })
}

type setView struct {
	CSS                      template.CSS
	JS                       template.JS
	Hash, Mark               string
	Title, Sub, Lead         string
	Warnings                 []string
	Found                    []share
	MRR, Searched            string
	Faults                   []faultView
	Languages                []share
	Diversity                []measureView
	Dark                     []string
	DarkLeftOut, RowsLeftOut string
	Rows                     []setRow
}

// share is a bar: percent of the set.
type share struct {
	Name, Text string
	Width      float64
}

type faultView struct {
	Fault
	Share string
}

type measureView struct{ Name, Questions, Gold string }

type setRow struct {
	Number, Order                    int
	ID, Query, Chunk, Language, Rank string
	RankSort                         string
	Reasons                          []string
	Kinds, Class                     string
}

func newSetView(s Set, l limits) setView {
	v := setView{CSS: pageCSS, JS: pageJS, Hash: pageJSHash, Mark: Questions.mark(), Title: "Question set", Sub: setSubtitle(s), Lead: setLead(s), Warnings: cleaned(s.Warnings)}
	n := len(s.Rows)
	if rt := s.RoundTrip; rt != nil {
		for _, at := range []struct {
			name  string
			share float64
		}{{"first", rt.At1}, {"among the first 5", rt.At5}, {"among the first 10", rt.At10}} {
			v.Found = append(v.Found, share{at.name, fmt.Sprintf("%.0f %%", 100*at.share), 100 * at.share})
		}
		v.MRR, v.Searched = fmt.Sprintf("%.2f", rt.MRR), count(rt.Searched, "question", "questions")
	}
	for _, f := range s.Faults {
		v.Faults = append(v.Faults, faultView{f, percentOf(f.Count, n)})
	}
	for _, c := range s.Languages {
		v.Languages = append(v.Languages, share{visible(c.Name), fmt.Sprintf("%d (%s)", c.Count, percentOf(c.Count, n)), 100 * float64(c.Count) / float64(max(n, 1))})
	}
	for _, m := range s.Diversity {
		v.Diversity = append(v.Diversity, measureView{m.Name, figure(m.Questions), figure(m.Gold)})
	}
	for _, id := range s.Dark[:min(len(s.Dark), l.rows)] {
		v.Dark = append(v.Dark, cut(id, 80))
	}
	if left := len(s.Dark) - len(v.Dark); left > 0 {
		v.DarkLeftOut = fmt.Sprintf("and %d more", left)
	}
	v.rows(s.Rows, l)
	return v
}

// rows are those with faults first, most of them at the top.
func (v *setView) rows(questions []SetQuestion, l limits) {
	order := make([]int, len(questions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(questions[b].Reasons) - len(questions[a].Reasons) })
	for _, i := range order[:min(l.rows, len(order))] {
		q := questions[i]
		row := setRow{Number: i + 1, Order: -len(q.Reasons), ID: cut(q.ChunkID, 80), Query: cut(q.Query, l.text), Chunk: cut(q.ChunkText, l.text),
			Language: visible(q.Language), Rank: "–", RankSort: "99", Reasons: cleaned(q.Reasons), Kinds: strings.Join(q.Kinds, " "), Class: "tie"}
		if len(q.Reasons) > 0 {
			row.Kinds += " flagged"
			row.Class = "loss"
		}
		if q.Rank != nil {
			row.Rank, row.RankSort = fmt.Sprint(*q.Rank), fmt.Sprint(*q.Rank)
			if *q.Rank == 0 {
				row.Rank, row.RankSort = "not found", "50"
			}
		}
		v.Rows = append(v.Rows, row)
	}
	if left := len(questions) - len(v.Rows); left > 0 {
		v.RowsLeftOut = fmt.Sprintf("%d more questions are left out to keep this page small; the JSON file beside it has all of them.", left)
	}
}

func setSubtitle(s Set) string {
	parts := []string{count(len(s.Rows), "question", "questions")}
	if s.Source != "" {
		parts = append(parts, visible(s.Source))
	}
	if !s.GeneratedAt.IsZero() {
		parts = append(parts, s.GeneratedAt.UTC().Format(time.RFC3339))
	}
	return strings.Join(parts, " · ")
}

// setLead is what somebody reads who reads one sentence.
func setLead(s Set) string {
	flagged := 0
	for _, q := range s.Rows {
		if len(q.Reasons) > 0 {
			flagged++
		}
	}
	if len(s.Rows) == 0 {
		return "There are no questions to check."
	}
	text := fmt.Sprintf("%d of %d questions have something against them.", flagged, len(s.Rows))
	if rt := s.RoundTrip; rt != nil {
		text += fmt.Sprintf(" Searched for with its own question, a chunk comes first in %.0f %% and among the first ten in %.0f %%.", 100*rt.At1, 100*rt.At10)
	}
	return text
}

func percentOf(k, n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(k)/float64(n))
}

func figure(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f", *x)
}

// SetMarkdown is the same for a pull request: numbers, warnings, and the first
// questions with faults.
func SetMarkdown(s Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Question set\n\n%s\n\n%s\n\n", md(setSubtitle(s)), md(setLead(s)))
	for _, w := range cleaned(s.Warnings) {
		fmt.Fprintf(&b, "- **warning:** %s\n", md(w))
	}
	fmt.Fprintf(&b, "\n| found | questions |\n|---|---|\n")
	for _, f := range s.Faults {
		fmt.Fprintf(&b, "| %s: %s | %d (%s) |\n", md(f.Kind), md(f.Means), f.Count, percentOf(f.Count, len(s.Rows)))
	}
	if len(s.Diversity) > 0 {
		fmt.Fprintf(&b, "\n| measure | questions | gold |\n|---|---|---|\n")
		for _, m := range s.Diversity {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", md(m.Name), figure(m.Questions), figure(m.Gold))
		}
	}
	shown := 0
	for i, q := range s.Rows {
		if len(q.Reasons) == 0 || shown == 20 {
			continue
		}
		if shown++; shown == 1 {
			b.WriteString("\n## The first with faults\n\n")
		}
		fmt.Fprintf(&b, "%d. %s (%s)\n", i+1, md(cut(q.Query, 400)), md(strings.Join(q.Reasons, "; ")))
	}
	fmt.Fprintf(&b, "\n<!-- %s -->\n", Questions.mark())
	return b.String()
}
