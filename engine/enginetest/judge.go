package enginetest

import (
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/llmtest"
)

// NewJudged is a world with 40 gold entries whose judge gives what the question's first
// letter says ("a" is 1, "e" is 5), with a reason about specificity.
func NewJudged(t *testing.T) *World {
	w := New(t, Setup{NoStore: true})
	w.WriteGold(40)
	w.LLM.Handle(func(r llmtest.Request) string {
		switch {
		case r.Model == "judge-model":
			_, asked, _ := strings.Cut(r.Last(), "[[ ## predicted_question ## ]]\n")
			return fmt.Sprintf("[[ ## reason ## ]]\nToo vague.\n\n[[ ## score ## ]]\n%d\n", 1+int(asked[0]-'a'))
		case strings.Contains(r.Last(), "[[ ## query_type ## ]]\n"):
			chapter := 0
			fmt.Sscanf(r.Last()[strings.Index(r.Last(), "Chapter"):], "Chapter %d", &chapter)
			return fmt.Sprintf("[[ ## query ## ]]\n%c question about chapter %d?\n", 'a'+chapter%5, chapter)
		}
		return "[[ ## query_type ## ]]\nfact\n[[ ## query_format ## ]]\nquestion\n"
	})
	return w
}

// Blind are the outputs that a person is to score, all of them.
func Blind(t *testing.T, w *World) []api.BlindOutput {
	t.Helper()
	return Must(w.BlindOutputs(t.Context(), api.BlindParams{}))(t)
}

// GiveScore scores an output as the person "p".
func GiveScore(t *testing.T, w *World, o api.BlindOutput, score int, lacks ...string) {
	t.Helper()
	if err := w.AddScore(t.Context(), api.PersonScore{BlindOutput: o, Score: score, Lacks: lacks, By: "p"}); err != nil {
		t.Fatal(err)
	}
}
