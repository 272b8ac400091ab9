package evaluate_test

import (
	"encoding/json"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestEvaluateSplits(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(10)
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if r.N != 3 || r.Program != nil || !enginetest.Warned(r.Warnings, "no run file") {
		t.Errorf("without a run file: n = %d, program = %v, warnings = %v", r.N, r.Program, r.Warnings)
	}
	enginetest.Compile(t, w, api.CompileParams{Split: &api.Split{Train: 0.7, Dev: 0.3}})
	r = enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if r.N != 3 || r.Split != "dev" || !enginetest.Warned(r.Warnings, "test part is empty") {
		t.Errorf("after 70/30: n = %d of %s, warnings = %v", r.N, r.Split, r.Warnings)
	}
	enginetest.Must(w.GoldAdd(t.Context(), api.GoldAddParams{ChunkText: "chunk 99", PersonaDescription: "p", GoldQuestion: "question <99>?"}))(t)
	r = enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if r.N != 1 || r.Split != "test" || r.Examples[0].ChunkText != "chunk 99" {
		t.Errorf("an entry added since: n = %d of %s", r.N, r.Split)
	}
	for split, n := range map[string]int{"train": 7, "dev": 3, "all": 11} {
		r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: split}))(t)
		if r.N != n || !enginetest.Warned(r.Warnings, "flatters") {
			t.Errorf("%s: n = %d, want %d; warnings = %v", split, r.N, n, r.Warnings)
		}
	}
	_, err := w.Evaluate(t.Context(), api.EvaluateParams{Split: "half"})
	enginetest.As[*api.ParamError](t, err)
}

// A second question of a chunk that taught the program is no unseen example.
func TestAnEntryAddedForATaughtChunkIsNotTest(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(24)
	enginetest.Compile(t, w, api.CompileParams{})
	taught := enginetest.ReadRun(t, w).Entries[0]
	for _, e := range enginetest.ReadRun(t, w).Entries {
		if e.Split == "train" {
			taught = e
		}
	}
	var gold []api.GoldAddParams
	if err := json.Unmarshal([]byte(w.Read("gold_dataset.json")), &gold); err != nil {
		t.Fatal(err)
	}
	added := gold[taught.Index]
	added.GoldQuestion = "What else is there to know?"
	enginetest.Must(w.GoldAdd(t.Context(), added))(t)
	enginetest.Must(w.GoldAdd(t.Context(), api.GoldAddParams{ChunkText: "A chunk that nobody saw.", GoldQuestion: "Who saw it?"}))(t)
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Examples: new(100)}))(t)
	if r.N != 9 || !enginetest.Warned(r.Warnings, "2 entries were added") {
		t.Errorf("n = %d, warnings = %v", r.N, r.Warnings)
	}
	for _, ex := range r.Examples {
		if ex.GoldQuestion == added.GoldQuestion {
			t.Error("the taught chunk's new question is in the test part")
		}
	}
}
