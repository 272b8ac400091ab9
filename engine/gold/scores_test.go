package gold_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// The last line of a person counts; a line taken back does not; half a line at
// the end, as a crash leaves it, is cut off by the next score.
func TestScores(t *testing.T) {
	w := enginetest.NewJudged(t)
	o := enginetest.Blind(t, w)
	enginetest.GiveScore(t, w, o[0], 2)
	enginetest.GiveScore(t, w, o[1], 3)
	enginetest.GiveScore(t, w, o[0], 4, "clarity", "specificity")
	if err := w.AddScore(t.Context(), api.PersonScore{BlindOutput: o[1], Undone: true, By: "p"}); err != nil {
		t.Fatal(err)
	}
	if err := w.AddScore(t.Context(), api.PersonScore{BlindOutput: o[1], Score: 1, By: "q"}); err != nil {
		t.Fatal(err)
	}
	path := w.Path("judge_scores.jsonl")
	f := enginetest.Must(os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0))(t)
	f.WriteString(`{"id": "x", "sco`)
	f.Close()
	enginetest.GiveScore(t, w, o[2], 5)
	var got []string
	for _, s := range enginetest.Must(w.Scores())(t) {
		got = append(got, fmt.Sprint(s.By, s.Score, s.Lacks, s.Query == ""))
	}
	if diff := cmp.Diff([]string{"p4 [clarity specificity] false", "q1 [] false", "p5 [] false"}, got); diff != "" {
		t.Error(diff)
	}
	for param, s := range map[string]api.PersonScore{"score": {BlindOutput: o[0], Score: 6}, "lacks": {BlindOutput: o[0], Score: 2, Lacks: []string{"taste"}}} {
		if e := enginetest.As[*api.ParamError](t, w.AddScore(t.Context(), s)); e.Param != param {
			t.Errorf("param = %s, want %s", e.Param, param)
		}
	}
	w.Write("judge_scores.jsonl", `{"id": "x", "score": 9}`+"\n")
	_, err := w.Scores()
	if e := enginetest.As[*api.FileError](t, err); e.Line != 1 {
		t.Errorf("line = %d", e.Line)
	}
}
