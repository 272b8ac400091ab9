package evaluate_test

import (
	"encoding/json"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestEvaluateAgainstAFileOfQuestions(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(4)
	var entries []map[string]any
	if err := json.Unmarshal([]byte(w.Read("gold_dataset.json")), &entries); err != nil {
		t.Fatal(err)
	}
	lines := ""
	for _, e := range entries[:3] {
		line, _ := json.Marshal(map[string]any{"chunk_text": e["chunk_text"], "query": "What exactly and specifically is torque?"})
		lines += string(line) + "\n\n"
	}
	w.Write("old.jsonl", lines)
	old := api.ProgramRef{Given: true, Path: w.Path("old.jsonl")}
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Baseline: old, Split: "all"}))(t)
	if r.Baseline.Errors != 1 || r.Baseline.Score == nil || *r.Examples[0].Unoptimized.Query != "What exactly and specifically is torque?" {
		t.Errorf("result = %+v", r)
	}
	w.Write("old.jsonl", lines+"{\"chunk_text\": \"x\"}\n")
	_, err := w.Evaluate(t.Context(), api.EvaluateParams{Baseline: old})
	if e := enginetest.As[*api.FileError](t, err); e.Line != 7 {
		t.Errorf("err = %v", e)
	}
}
