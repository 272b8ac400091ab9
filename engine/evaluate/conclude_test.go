package evaluate_test

import (
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// How like the gold questions the written ones are is told beside their score.
func TestEvaluateTellsImitation(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(2)
	judgedInTurn(w, "Which torque value does the gearbox of chapter 1 need?", 4)
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all"}))(t)
	got := r.GoldOverlap
	if got.Baseline == nil || got.Optimized == nil || *got.Baseline != *got.Optimized || *got.Baseline <= 0.85 || *got.Baseline >= 1 {
		t.Errorf("found %v and %v, expected nearly 1 of questions that differ in a digit or in nothing", got.Baseline, got.Optimized)
	}
	w = enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(2)
	judgedInTurn(w, "Kosten?", 4)
	r = enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all"}))(t)
	if *r.GoldOverlap.Baseline != 0 {
		t.Errorf("found %v, expected 0 of a question with nothing of the gold one's", *r.GoldOverlap.Baseline)
	}
}
