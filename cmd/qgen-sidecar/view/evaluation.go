package view

import (
	"fmt"
	"math"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/verdict"
)

// sides are what a view calls the two programs.
type sides struct{ old, new string }

// Evaluation shows evaluate's answer: the verdict, what it rests on, what speaks
// against it, and the examples that tell most.
func Evaluation(p *Page, r *api.EvaluateResult) {
	evaluation(p, r, sides{"baseline", "optimised"}, r.Difference.Verdict)
}

// Comparison shows compare's answer, in which b is held against a.
func Comparison(p *Page, r *api.EvaluateResult) {
	evaluation(p, r, sides{"a", "b"}, "b against a: "+r.Difference.Verdict)
}

func evaluation(p *Page, r *api.EvaluateResult, s sides, words string) {
	p.facts(
		fact{name: "verdict", text: words},
		fact{name: "difference", text: difference(r.Difference) + unsaid(r.Difference)},
		fact{text: axis(r.Difference, p.width-14)},
		fact{name: s.old, text: rate(r.Baseline, r.N)},
		fact{name: s.new, text: rate(r.Optimized, r.N)},
		fact{name: "questions", text: fmt.Sprintf("%d better, %d equal, %d worse, by score", r.Wins, r.Ties, r.Losses)},
		fact{name: "errors", text: lost(r, s)},
		fact{name: "judge", text: judge(r.Judge)},
		fact{name: "likeness", text: overlap(r.GoldOverlap)},
		fact{name: "entries", text: entries(r)},
		fact{name: "program", text: programUsed(r.ProgramUsed), whole: true},
		fact{name: "paid", text: paid(r.Usage)},
	)
	p.warnings(withJudge(r.Warnings, r.Judge.Warning))
	examples(p, r, s)
	if r.Report != "" {
		p.gap()
		p.facts(fact{name: "report", text: r.Report, whole: true})
	}
}

func entries(r *api.EvaluateResult) string {
	if r.Split == api.PartAll {
		return fmt.Sprintf("%d, the whole gold set", r.N)
	}
	return fmt.Sprintf("%d, the gold set's %s part", r.N, r.Split)
}

// difference is "+20 points of success, 95 % interval 0 to +40".
func difference(d verdict.Difference) string {
	if d.Points == nil || d.CI95 == nil {
		return "cannot be told"
	}
	return fmt.Sprintf("%s points of success, 95 %% interval %s to %s", signed(*d.Points, 0), signed(d.CI95[0], 0), signed(d.CI95[1], 0))
}

// unsaid is the p-value where the verdict does not tell it: ", p = .42".
func unsaid(d verdict.Difference) string {
	if d.PValue == nil || d.Points == nil || d.CI95 == nil || strings.Contains(d.Verdict, "(p ") {
		return ""
	}
	return ", " + verdict.PText(*d.PValue)
}

// axis draws the interval of the difference, zero marked: -100 ···─┼──●──··· +100.
// Nothing where there is no room for it.
func axis(d verdict.Difference, room int) string {
	const cells = 41 // five points each
	if d.Points == nil || d.CI95 == nil || room < cells+10 {
		return ""
	}
	place := func(points float64) int { return min(max(int((points+100)/5+0.5), 0), cells-1) }
	row := []rune(strings.Repeat("·", cells))
	for i := place(d.CI95[0]); i <= place(d.CI95[1]); i++ {
		row[i] = '─'
	}
	row[place(0)] = '┼'
	row[place(*d.Points)] = '●'
	return "-100 " + string(row) + " +100"
}

// rate is one side: "18 of 30 succeed, 60 % (95 % interval 42 to 75), mean score 3.8".
func rate(s verdict.Summary, n int) string {
	if s.Score == nil || s.CI95 == nil || s.Mean == nil {
		return "nothing was scored"
	}
	scored := n - s.Errors
	return fmt.Sprintf("%d of %d succeed, %.0f %% (95 %% interval %.0f to %.0f), mean score %.1f",
		int(math.Round(*s.Score*float64(scored)/100)), scored, *s.Score, s.CI95[0], s.CI95[1], *s.Mean)
}

func lost(r *api.EvaluateResult, s sides) string {
	if r.Baseline.Errors+r.Optimized.Errors == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s, %d of %s: failed calls, counted apart and in no average", r.Baseline.Errors, s.old, r.Optimized.Errors, s.new)
}

// judge is who scored, and how far people agree with it.
func judge(j api.JudgeInfo) string {
	parts := []string{j.Model}
	switch a := j.Agreement; {
	case j.Kappa == nil:
		parts = append(parts, "never held against people (annotate --judge)")
	case a == nil:
		parts = append(parts, fmt.Sprintf("agrees with people at κ %.2f", *j.Kappa))
	default:
		parts = append(parts, fmt.Sprintf("agrees with people at κ %.2f on %s, 95 %% interval %.2f to %.2f",
			*j.Kappa, count(a.N, "output", "outputs"), a.CI95[0], a.CI95[1]))
		if a.Clause != nil {
			parts = append(parts, fmt.Sprintf("most apart on %s, by %.1f points on %s", a.Clause.Name, a.Clause.Gap, count(a.Clause.N, "output", "outputs")))
		}
		if a.Unanswered > 0 {
			parts = append(parts, fmt.Sprintf("%s it gave no score", count(a.Unanswered, "output", "outputs")))
		}
	}
	if j.Flips != nil {
		parts = append(parts, fmt.Sprintf("changes its mind on %s of the questions", share(*j.Flips)))
	}
	return strings.TrimPrefix(strings.Join(parts, "; "), "; ")
}

func overlap(o api.GoldOverlap) string {
	if o.Baseline == nil || o.Optimized == nil {
		return ""
	}
	text := fmt.Sprintf("to the gold questions %.2f → %.2f, of 1", *o.Baseline, *o.Optimized)
	if *o.Optimized > *o.Baseline {
		text += "; a gain in score that comes with a gain here may be imitation"
	}
	return text
}

// withJudge puts what speaks against the judge first, unless it is among the warnings:
// the method joins the same sentences there.
func withJudge(warnings []string, judge string) []string {
	rest := judge
	for _, w := range warnings {
		rest = strings.Replace(rest, w, "", 1)
	}
	if strings.Trim(rest, "; ") == "" {
		return warnings
	}
	return append([]string{judge}, warnings...)
}

func examples(p *Page, r *api.EvaluateResult, s sides) {
	if len(r.Examples) == 0 {
		return
	}
	p.gap()
	where := "; --report FILE writes all"
	if r.Report != "" {
		where = "; the report has all"
	}
	p.say("%d of %s%s. %s", len(first(r.Examples)), count(r.N, "question", "questions"), where, report.PickRule)
	for _, e := range first(r.Examples) {
		example(p, e, s)
	}
	if len(r.Examples) > most {
		p.gap()
		p.more("", len(r.Examples), "--json has them")
	}
}

func example(p *Page, e api.EvaluateExample, s sides) {
	const limit = 400
	p.gap()
	p.line(outcome(e))
	facts := []fact{
		{name: "chunk", text: cut(e.ChunkText, limit/2)},
		{name: "persona", text: cut(e.PersonaDescription, limit/2)},
		{name: "gold", text: cut(e.GoldQuestion, limit)},
	}
	for _, o := range []struct {
		name string
		out  api.ScoredOutput
	}{{s.old, e.Unoptimized}, {s.new, e.Optimized}} {
		question := "no question"
		if o.out.Query != nil {
			question = cut(*o.out.Query, limit)
		}
		facts = append(facts, fact{name: o.name, text: "(" + score(o.out.Score) + ") " + question},
			fact{text: cut(o.out.Reason, limit)}, fact{text: cut(o.out.Error, limit)})
	}
	p.factsAt("  ", facts...)
}

// outcome is "▲ better, +3".
func outcome(e api.EvaluateExample) string {
	old, new := e.Unoptimized.Score, e.Optimized.Score
	if old == nil || new == nil {
		return "! no score"
	}
	switch d := *new - *old; {
	case d > 0:
		return "▲ better, " + points(signed(d, 1))
	case d < 0:
		return "▼ worse, " + points(signed(d, 1))
	}
	return "= equal"
}

func score(x *float64) string {
	if x == nil {
		return "–"
	}
	return points(fmt.Sprintf("%.1f", *x))
}

// points without a zero that says nothing: scores are mostly whole.
func points(text string) string { return strings.TrimSuffix(text, ".0") }
