package metric_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

// The judge's model is asked whether the chunk answers what succeeded so far, and
// of nothing else.
func TestASuccessMustBeAnswerable(t *testing.T) {
	tests := map[string]struct {
		score    int
		answer   string
		success  float64
		gateAsks int
	}{
		"answered":     {5, "[[ ## answerable ## ]]\nyes\n[[ ## quote ## ]]\ntorque value", 100, 3},
		"not answered": {5, "[[ ## answerable ## ]]\nno\n[[ ## quote ## ]]\n", 0, 3},
		"made up":      {5, "[[ ## answerable ## ]]\nyes\n[[ ## quote ## ]]\nnot in there", 0, 3},
		"no success":   {3, "[[ ## answerable ## ]]\nyes\n[[ ## quote ## ]]\ntorque value", 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := enginetest.New(t, enginetest.Setup{NoStore: true})
			w.WriteGold(3)
			var asked atomic.Int64
			w.LLM.Handle(func(r llmtest.Request) string {
				switch system := r.System(); {
				case strings.Contains(system, "quote"):
					asked.Add(1)
					return tt.answer
				case strings.Contains(system, "score"):
					return fmt.Sprintf("[[ ## score ## ]]\n%d\n[[ ## reason ## ]]\nfine", tt.score)
				}
				return "[[ ## query_type ## ]]\nt\n[[ ## query_format ## ]]\nf\n[[ ## query ## ]]\nWhich torque has " + regexp.MustCompile(`Chapter \d`).FindString(r.Last()) + "?"
			})
			m := &api.Metric{Name: "judge", Gates: []string{"answerable"}}
			r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all", Metric: m}))(t)
			if *r.Baseline.Score != tt.success || *r.Baseline.Mean != float64(tt.score) || int(asked.Load()) != tt.gateAsks {
				t.Errorf("score %v, mean %v, asked %d times", *r.Baseline.Score, *r.Baseline.Mean, asked.Load())
			}
		})
	}
}
