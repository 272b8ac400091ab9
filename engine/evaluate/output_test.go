package evaluate_test

import (
	"fmt"
	"sync"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

// judgedInTurn lets the task model always write query, and the judge give each
// question these scores, one a time it is asked.
func judgedInTurn(w *enginetest.World, query string, scores ...int) {
	var mu sync.Mutex
	asked := map[string]int{}
	w.LLM.Handle(func(r llmtest.Request) string {
		if r.Model != "judge-model" {
			return "[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\nquestion\n[[ ## query ## ]]\n" + query
		}
		mu.Lock()
		defer mu.Unlock()
		n := asked[r.Last()]
		asked[r.Last()]++
		return fmt.Sprintf("[[ ## reason ## ]]\nbecause\n[[ ## score ## ]]\n%d", scores[n%len(scores)])
	})
}

func TestEvaluateRepeatsTheJudge(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(6)
	judgedInTurn(w, "Which torque?", 4, 3)
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all", Repeats: new(2)}))(t)
	if r.Judge.Flips == nil || *r.Judge.Flips != 1 || !enginetest.Warned(r.Warnings, "contradicts itself") || *r.Baseline.Mean != 3.5 || *r.Baseline.Score != 0 {
		t.Errorf("judge = %+v, baseline = %+v", r.Judge, r.Baseline)
	}
}

// The gate is asked in whichever round the score suffices.
func TestARefusedQuestionIsNoSuccessInAnyRound(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(3)
	judgedInTurn(w, "What does this passage say?", 3, 5, 5)
	m := &api.Metric{Name: "judge", Gates: []string{"standalone"}}
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all", Repeats: new(3), Metric: m}))(t)
	if *r.Baseline.Mean < 4 || *r.Baseline.Score != 0 {
		t.Errorf("baseline = mean %v, score %v", *r.Baseline.Mean, *r.Baseline.Score)
	}
}
