package runfile_test

import (
	"encoding/json"
	"os"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// A crash between the two renames of a compile leaves the old run file beside the
// new program; the new one is found under its other name.
func TestARunFileIsFoundAfterACrash(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(4)
	p := api.CompileParams{Optimizer: &api.OptimizerParams{NumCandidatePrograms: new(0)}}
	enginetest.Compile(t, w, p)
	run := w.Read("optimized_pipeline.run.json")
	w.Write("optimized_pipeline.run.json.new", run)
	older := map[string]any{}
	if err := json.Unmarshal([]byte(run), &older); err != nil {
		t.Fatal(err)
	}
	older["program"].(map[string]any)["hash"] = "of an older program"
	entries := older["entries"].([]any)
	for _, e := range entries { // all of them were test there
		e.(map[string]any)["split"] = "test"
	}
	w.Write("optimized_pipeline.run.json", string(enginetest.Must(json.Marshal(older))(t)))
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if r.N == len(entries) || enginetest.Warned(r.Warnings, "is not the program") {
		t.Errorf("tested on %d of %d entries, warnings %v: the older program's split", r.N, len(entries), r.Warnings)
	}
	enginetest.Compile(t, w, p)
	if _, err := os.Stat(w.Path("optimized_pipeline.run.json.new")); !os.IsNotExist(err) {
		t.Errorf("the next compile leaves it there: %v", err)
	}
}
