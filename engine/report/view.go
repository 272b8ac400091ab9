package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/engine/verdict"
)

// limits bound what the page shows, so that it stays under its size.
type limits struct {
	text, prompt int // runes of one text
	rows         int
}

// view is the page's data: everything cut, cleaned and turned into words.
type view struct {
	CSS  template.CSS
	JS   template.JS
	Hash string // of JS, for the content security policy
	Mark string // by which the page is known again, see own.go

	Title, Sub, Code, Headline, Verdict, Difference, Explanation, Mean string

	Old, New               rate
	OldName, NewName       string
	OldPrice, NewPrice     string
	Groups                 []group
	Rates, Interval        *chart
	Histogram              []bar
	Scatter                [][]cell
	Comparison             verdict.Comparison
	WinW, TieW, LossW      float64
	Warnings, Notes        []string
	Judge                  []Field
	SearchScore, PickRule  string
	Picked, Rows           []rowView
	RowsLeftOut, Threshold string
	Prompts                []promptPair
	Run                    []Field
	Command                string
}

type rowView struct {
	Number                           int
	ID, Result, Sign, Chunk, Persona string
	Gold                             string
	Old, New                         outputView
	Order                            string // for sorting: losses first
	Delta                            string
	Kinds                            string // what the filters know it by
}

type outputView struct {
	Spans                        []span
	Missing, Kind, Score, Reason string
	Sort                         string
	Success, Scored              bool
	Error                        string
}

// text is what the side wrote, or what stands in its place, without marks.
func (o outputView) text() string {
	text := o.Missing
	for _, s := range o.Spans {
		text += " " + s.Text
	}
	return text
}

// why is the judge's reason, or the error in its place.
func (o outputView) why() string { return o.Reason + o.Error }

type promptPair struct {
	Name     string
	Same     bool
	Old, New promptView
}

type promptView struct {
	Messages []Field
	Demos    []Demo
}

func newView(d Data, l limits) view {
	c := d.Comparison
	v := view{
		CSS: pageCSS, JS: pageJS, Hash: pageJSHash, Mark: Evaluation.mark(),
		Title: title(d), Sub: subtitle(d),
		Code: c.Difference.VerdictCode, Headline: headline(c.Difference), Verdict: capital(visible(withoutHeadline(c.Difference))),
		Difference: differenceText(c.Difference), Explanation: explanation(c), Mean: meanText(c),
		Old: rateOf(c.Baseline, c.N), New: rateOf(c.Optimized, c.N),
		OldName: name(d.Baseline, "baseline"), NewName: name(d.Optimized, "optimised"),
		OldPrice: priceText(d.Baseline.Price), NewPrice: priceText(d.Optimized.Price), Groups: groups(d.Rows),
		Comparison: c, Histogram: histogram(d.Rows), Scatter: scatter(d.Rows),
		Warnings: cleaned(allWarnings(d)), Notes: cleaned(d.Notes),
		Judge: judgeFacts(d.Judge), PickRule: PickRule,
		Threshold: fmt.Sprintf("%g", d.Threshold),
		Run:       runFacts(d), Command: visible(d.Repeat.Command),
	}
	v.Rates, v.Interval = ratesChart(v.Old, v.New), intervalChart(c.Difference)
	if pairs := float64(c.Wins + c.Ties + c.Losses); pairs > 0 {
		v.WinW, v.TieW, v.LossW = 100*float64(c.Wins)/pairs, 100*float64(c.Ties)/pairs, 100*float64(c.Losses)/pairs
	}
	if d.SearchScore != nil {
		v.SearchScore = fmt.Sprintf("The winner's score in the search was %.0f %%. It is not used here: the best of many candidates looks better than it is.", *d.SearchScore)
	}
	v.rows(d.Rows, l)
	v.Prompts = promptPairs(d.Baseline.Prompts, d.Optimized.Prompts, l.prompt)
	return v
}

func title(d Data) string {
	if d.Title != "" {
		return visible(d.Title)
	}
	return "Question generator: optimised against unoptimised"
}

func name(s Side, otherwise string) string {
	if s.Name == "" {
		return otherwise
	}
	return cut(s.Name, 80)
}

func subtitle(d Data) string {
	parts := []string{count(d.Comparison.N, "question", "questions")}
	switch d.Split {
	case "":
	case "all":
		parts[0] += " of the whole gold set"
	case "test":
		parts[0] += " of the test split, which compiling did not see"
	default:
		parts[0] += " of the " + visible(d.Split) + " split"
	}
	if d.TaskModel != "" {
		parts = append(parts, "questions by "+visible(d.TaskModel))
	}
	if d.Judge.Model != "" {
		parts = append(parts, "scored by "+visible(d.Judge.Model))
	}
	return strings.Join(parts, " · ")
}

// allWarnings puts the judge's own first: everything else rests on it.
func allWarnings(d Data) []string {
	if d.Judge.Warning == "" || slices.Contains(d.Warnings, d.Judge.Warning) {
		return d.Warnings
	}
	return append([]string{d.Judge.Warning}, d.Warnings...)
}

func cleaned(texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, cut(t, 2000))
	}
	return out
}

func judgeFacts(j Judge) []Field {
	facts := []Field{{"model", visible(j.Model)}}
	facts = append(facts, agreementFacts(j)...)
	if j.FlipRate != nil {
		facts = append(facts, Field{"changes its mind", fmt.Sprintf("%.0f %% of verdicts differ when asked again", 100**j.FlipRate)})
	}
	if j.Instructions != "" {
		facts = append(facts, Field{"asked", cut(j.Instructions, 4000)})
	}
	return facts
}

// agreementFacts say how far people and the judge are of one mind.
func agreementFacts(j Judge) []Field {
	if j.Kappa == nil {
		return []Field{{"agreement with people", "never measured: qgen-sidecar annotate --judge"}}
	}
	trust := "below .60, not to be relied on"
	if *j.Kappa >= verdict.KappaTrusted {
		trust = "good enough to decide by"
	}
	text := fmt.Sprintf("κ %.2f (quadratic weights), %s", *j.Kappa, trust)
	facts := []Field{{"agreement with people", text}}
	if a := j.Agreement; a != nil {
		facts[0].Text = fmt.Sprintf("%s; 95 %% interval %.2f to %.2f, %s", text, a.CI95[0], a.CI95[1], count(a.N, "output", "outputs"))
		facts = append(facts, Field{"same score", fmt.Sprintf("%.0f %%; always guessing the commonest would reach %.0f %%", 100*a.Observed, 100*a.ConstantBase)})
	}
	if j.Clause != "" {
		facts = append(facts, Field{"most apart on", cut(j.Clause, 200)})
	}
	return facts
}

func runFacts(d Data) []Field {
	var facts []Field
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, Field{name, text})
		}
	}
	if !d.GeneratedAt.IsZero() {
		add("written", d.GeneratedAt.UTC().Format(time.RFC3339))
	}
	add("version", visible(d.Version))
	for _, s := range []Side{d.Baseline, d.Optimized} {
		if s.Name != "" || s.Hash != "" {
			add("program", strings.TrimSpace(cut(s.Name, 300)+" "+cut(s.Hash, 80)+" "+cut(s.Model, 200)))
		}
	}
	if u := d.Usage; u != nil {
		text := fmt.Sprintf("%d sent, %d from the cache, %d + %d tokens", u.Calls, u.Cached, u.PromptTokens, u.CompletionTokens)
		if u.USD != nil {
			text += fmt.Sprintf(", $%.4f", *u.USD)
		}
		add("model calls", text)
	}
	if d.ElapsedS > 0 {
		add("took", fmt.Sprintf("%.1f s", d.ElapsedS))
	}
	add("errors", fmt.Sprintf("%d of %d for the baseline, %d for the optimised; counted apart, never as zeros",
		d.Comparison.Baseline.Errors, d.Comparison.N, d.Comparison.Optimized.Errors))
	if o := d.GoldOverlap; o.Baseline != nil && o.Optimized != nil {
		add("like the gold questions", fmt.Sprintf("%.2f → %.2f (shared character 5-grams, 0 to 1); a gain in score that comes with a gain here may be imitation", *o.Baseline, *o.Optimized))
	}
	for _, f := range d.Repeat.Facts {
		add(cut(f.Name, 100), cut(f.Text, 500))
	}
	return facts
}

// rows fills the table, largest loss first, and the rows worth reading.
func (v *view) rows(rows []Row, l limits) {
	for _, i := range Pick(rows, 5) {
		v.Picked = append(v.Picked, newRow(i, rows[i], l.text, v.Groups))
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lossOrder(rows[a]), lossOrder(rows[b])) })
	for _, i := range order[:min(l.rows, len(order))] {
		v.Rows = append(v.Rows, newRow(i, rows[i], l.text, v.Groups))
	}
	if left := len(rows) - len(v.Rows); left > 0 {
		v.RowsLeftOut = fmt.Sprintf("%d more rows are left out to keep this page small; the JSON file beside it has all of them.", left)
	}
}

// lossOrder: the largest loss first, what has no score between losses and gains.
func lossOrder(r Row) float64 {
	d, ok := r.difference()
	if !ok {
		return -0.001
	}
	return d
}

func newRow(i int, r Row, limit int, groups []group) rowView {
	v := rowView{
		Number: i + 1, Chunk: cut(r.ChunkText, limit), Persona: cut(r.PersonaDescription, limit), Gold: cut(r.GoldQuestion, limit),
		Order: fmt.Sprintf("%.3f", lossOrder(r)), Result: "error", Sign: "!", Delta: "–",
	}
	if r.ChunkID != nil {
		v.ID = cut(fmt.Sprint(r.ChunkID), 80)
	}
	if d, ok := r.difference(); ok {
		v.Delta = strings.TrimSuffix(signed(d, 1), ".0")
		switch {
		case d > 0:
			v.Result, v.Sign = "win", "▲"
		case d < 0:
			v.Result, v.Sign = "loss", "▼"
		default:
			v.Result, v.Sign = "tie", "="
		}
	}
	v.Kinds = v.Result
	if v.Result == "win" || v.Result == "loss" {
		v.Kinds += " changed"
	}
	v.Kinds = strings.TrimSpace(v.Kinds + " " + keysOf(r, groups) + " " + cellOf(r))
	v.Old, v.New = newOutput(r.Baseline, limit), newOutput(r.Optimized, limit)
	if r.Baseline.Query != nil && r.Optimized.Query != nil {
		v.Old.Spans, v.New.Spans = wordDiff(cut(*r.Baseline.Query, limit), cut(*r.Optimized.Query, limit))
	}
	return v
}

func newOutput(o Output, limit int) outputView {
	v := outputView{Kind: kindOf(o), Reason: cut(o.Reason, limit), Error: cut(o.Error, limit), Success: o.Success, Score: "–", Sort: "-1"}
	if o.Query != nil {
		v.Spans = []span{{Text: cut(*o.Query, limit)}}
	} else {
		v.Missing = "no question"
	}
	if o.Score != nil {
		v.Scored = true
		v.Score = strings.TrimSuffix(fmt.Sprintf("%.1f", *o.Score), ".0")
		v.Sort = fmt.Sprintf("%.3f", *o.Score)
	}
	return v
}

func kindOf(o Output) string {
	parts := []string{}
	for _, p := range []string{o.QueryType, o.QueryFormat} {
		if p != "" {
			parts = append(parts, cut(p, 100))
		}
	}
	return strings.Join(parts, " · ")
}

// promptPairs puts both sides' predictors of one name beside each other.
func promptPairs(old, new []Prompt, limit int) []promptPair {
	var pairs []promptPair
	at := map[string]int{}
	for side, prompts := range [][]Prompt{old, new} {
		for _, p := range prompts {
			i, ok := at[p.Name]
			if !ok {
				i = len(pairs)
				at[p.Name] = i
				pairs = append(pairs, promptPair{Name: cut(p.Name, 80)})
			}
			if side == 0 {
				pairs[i].Old = newPrompt(p, limit)
			} else {
				pairs[i].New = newPrompt(p, limit)
			}
		}
	}
	return pairs
}

func newPrompt(p Prompt, limit int) promptView {
	var v promptView
	for _, m := range p.Messages {
		v.Messages = append(v.Messages, Field{cut(m.Role, 40), cut(m.Content, limit)})
	}
	for _, d := range p.Demos {
		shown := Demo{Augmented: d.Augmented}
		for _, f := range d.Fields {
			shown.Fields = append(shown.Fields, Field{cut(f.Name, 80), cut(f.Text, limit)})
		}
		v.Demos = append(v.Demos, shown)
	}
	return v
}

// round is for SVG coordinates.
func round(x float64) float64 { return math.Round(x*10) / 10 }
