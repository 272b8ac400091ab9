package metric

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/verdict"
	"qgen-sidecar/internal/parallel"
)

// This file is the judge's licence: how far it agrees with what people said of the
// same outputs.

// Agreement asks the judge about every output that a person scored; nil without
// any, and with a metric that asks no judge.
func (s *Scorer) Agreement(ctx context.Context, people *gold.Scores) (*api.JudgeAgreement, error) {
	if s.judge == nil {
		return nil, nil
	}
	scores, err := people.All()
	if err != nil || len(scores) == 0 {
		return nil, err
	}
	answers := make([]*verdict.Judgement, len(scores))
	tasks := make([]func() error, len(scores))
	for i, p := range scores {
		tasks[i] = func() error {
			got, err := s.judge.Score(ctx, p.ChunkText, p.PersonaDescription, p.GoldQuestion, p.Query, 0, s.call.Fresh)
			if err == nil {
				answers[i] = &got
			} else if s.call.Stops(ctx, err) {
				return err
			}
			return nil
		}
	}
	if err := parallel.Do(ctx, lm.AtOnce, tasks); err != nil {
		return nil, err
	}
	return agreementOf(scores, answers), nil
}

func agreementOf(scores []api.PersonScore, answers []*verdict.Judgement) *api.JudgeAgreement {
	var person, judge []int
	gaps := map[string][]float64{}
	for i, answer := range answers {
		if answer == nil {
			continue
		}
		person, judge = append(person, scores[i].Score), append(judge, answer.Score)
		for _, clause := range clausesAtIssue(scores[i], *answer) {
			gaps[clause] = append(gaps[clause], math.Abs(float64(answer.Score-scores[i].Score)))
		}
	}
	out := &api.JudgeAgreement{Agreement: verdict.Agree(person, judge), Unanswered: len(scores) - len(person)}
	for _, clause := range api.Clauses {
		n, sum := len(gaps[clause]), 0.0
		for _, gap := range gaps[clause] {
			sum += gap
		}
		if n >= clauseLeast && (out.Clause == nil || sum/float64(n) > out.Clause.Gap) {
			out.Clause = &api.ClauseAgreement{Name: clause, N: n, Gap: sum / float64(n)}
		}
	}
	return out
}

// clauseLeast: one or two outputs say nothing of a clause.
const clauseLeast = 3

// clausesAtIssue are those that the person marked, and those that the judge
// names where it gave less than the person.
func clausesAtIssue(s api.PersonScore, j verdict.Judgement) []string {
	var out []string
	reason := strings.ToLower(j.Reason)
	for _, clause := range api.Clauses {
		blamed := j.Score < s.Score && slices.ContainsFunc(clauseStems[clause], func(stem string) bool { return strings.Contains(reason, stem) })
		if blamed || slices.Contains(s.Lacks, clause) {
			out = append(out, clause)
		}
	}
	return out
}

// clauseStems are how an English reason speaks of a clause.
var clauseStems = map[string][]string{
	"clarity":     {"clear", "clarity", "confus", "ambigu"},
	"specificity": {"specific", "vague", "generic", "broad"},
	"relevance":   {"relevan", "off-topic", "off topic", "unrelated"},
}

// fewScored: with fewer outputs kappa's interval is wider than a verdict.
const fewScored = 30

// Warning is what the agreement says against the judge; "" nothing.
func Warning(a *api.JudgeAgreement) string {
	if a == nil {
		return ""
	}
	said := fmt.Sprintf("the judge agrees with people at κ = %s on %d outputs (95 %% interval %s to %s)", kappaText(a.Kappa), a.N, kappaText(a.CI95[0]), kappaText(a.CI95[1]))
	clause := ""
	if a.Clause != nil {
		clause = fmt.Sprintf("; most apart on %s, by %.1f points on %d outputs", a.Clause.Name, a.Clause.Gap, a.Clause.N)
	}
	switch {
	case a.N < 2:
		return ""
	case a.ConstantBase == 1:
		return fmt.Sprintf("people gave all %d outputs the same score: that says nothing about the judge; score others too (annotate --judge)", a.N)
	case a.Kappa < verdict.KappaTrusted:
		return fmt.Sprintf("%s, less than the %s from which a judge can be trusted%s: mend [lm.judge] instructions or take another model before believing a verdict", said, kappaText(verdict.KappaTrusted), clause)
	case a.N < fewScored:
		return fmt.Sprintf("%s: score %d or more (annotate --judge)", said, fewScored)
	}
	return ""
}

// Mark is what a verdict of a judge below the threshold carries with it.
func Mark(a *api.JudgeAgreement) string {
	if a == nil || a.N < 2 || a.ConstantBase == 1 || a.Kappa >= verdict.KappaTrusted {
		return ""
	}
	return fmt.Sprintf(", by a judge that agrees with people only at κ = %s", kappaText(a.Kappa))
}

// kappaText writes kappa as papers do: .68, −.10, 1.
func kappaText(kappa float64) string {
	text := strings.Replace(fmt.Sprintf("%.2f", kappa), "0.", ".", 1)
	return strings.Replace(strings.TrimSuffix(text, ".00"), "-", "−", 1)
}
