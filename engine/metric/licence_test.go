package metric_test

import (
	"math"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func fromJudge(o api.BlindOutput) int { return 1 + int(o.Query[0]-'a') }

func TestAJudgeThatAgrees(t *testing.T) {
	w := enginetest.NewJudged(t)
	outputs := enginetest.Blind(t, w)
	if len(outputs) != 24 { // 12 dev and 12 test entries; both programs are one
		t.Fatalf("%d outputs", len(outputs))
	}
	for _, o := range outputs {
		enginetest.GiveScore(t, w, o, fromJudge(o))
	}
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Report: w.Path("r.html")}))(t)
	if r.Judge.Kappa == nil || *r.Judge.Kappa != 1 || r.Judge.Agreement.N != 24 || r.Judge.Agreement.Observed != 1 || !enginetest.Warned(r.Warnings, "score 30 or more") {
		t.Errorf("judge = %+v %+v, warnings %v", r.Judge, r.Judge.Agreement, r.Warnings)
	}
	if strings.Contains(r.Difference.Verdict, "κ") {
		t.Errorf("verdict = %q", r.Difference.Verdict)
	}
	if page := w.Read("r.html"); !strings.Contains(page, "always guessing the commonest would reach") {
		t.Error("the report does not say what guessing would reach")
	}
}

func TestAJudgeThatDoesNot(t *testing.T) {
	w := enginetest.NewJudged(t)
	for i, o := range enginetest.Blind(t, w) {
		lacks := []string{"relevance"}
		if i%2 == 0 {
			lacks = nil
		}
		enginetest.GiveScore(t, w, o, 6-fromJudge(o), lacks...)
	}
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if r.Judge.Kappa == nil || *r.Judge.Kappa > 0 || !enginetest.Warned(r.Warnings, "less than the .60") || !strings.Contains(r.Judge.Warning, "κ = −") {
		t.Errorf("judge = %+v, warnings %v", r.Judge, r.Warnings)
	}
	if !strings.Contains(r.Difference.Verdict, "by a judge that agrees with people only at κ = −") {
		t.Errorf("verdict = %q", r.Difference.Verdict)
	}
	// Compiling with it says so, and asks nothing for that.
	if c := enginetest.Compile(t, w, api.CompileParams{}); !enginetest.Warned(c.Warnings, "less than the .60") {
		t.Errorf("compile's warnings %v", c.Warnings)
	}
	// "Too vague" counts only where the judge gave less: by 2 or 4 points.
	c := r.Judge.Agreement.Clause
	if c == nil || c.Name != "specificity" || c.N < 5 || math.Abs(c.Gap-3) > 0.5 {
		t.Errorf("clause = %+v", c)
	}
}

// Without scores nothing is asked and nothing is said; with the host's metric
// there is no judge to hold against anybody.
func TestAJudgeNobodyChecked(t *testing.T) {
	w := enginetest.NewJudged(t)
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if r.Judge.Kappa != nil || r.Judge.Agreement != nil || r.Judge.Warning != "" {
		t.Errorf("judge = %+v", r.Judge)
	}
}

// A judge that cannot score an output takes it out of the agreement, counted.
func TestAgreementWithoutAnswers(t *testing.T) {
	w := enginetest.NewJudged(t)
	outputs := enginetest.Blind(t, w)
	for _, o := range outputs {
		enginetest.GiveScore(t, w, o, fromJudge(o))
	}
	w.LLM.Fault(func(_ int, r llmtest.Request) *llmtest.Fault {
		if r.Model == "judge-model" && strings.Contains(r.Last(), "chapter 7?") {
			return &llmtest.Fault{Kind: llmtest.EmptyContent}
		}
		return nil
	})
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all"}))(t)
	if a := r.Judge.Agreement; a.N+a.Unanswered != len(outputs) || a.Unanswered > 1 {
		t.Errorf("agreement = %+v", a)
	}
}

func TestPeopleWhoGiveOneScore(t *testing.T) {
	w := enginetest.NewJudged(t)
	for _, o := range enginetest.Blind(t, w) {
		enginetest.GiveScore(t, w, o, 5)
	}
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if !enginetest.Warned(r.Warnings, "the same score") || strings.Contains(r.Difference.Verdict, "κ") {
		t.Errorf("verdict %q, warnings %v", r.Difference.Verdict, r.Warnings)
	}
}
