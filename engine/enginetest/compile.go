package enginetest

import (
	"encoding/json"
	"testing"

	"qgen-sidecar/engine/api"
)

// SmallSearch is an optimiser that is soon done: two bootstraps, and nothing pruned.
var SmallSearch = &api.OptimizerParams{MaxLabeledDemos: new(4), NumCandidatePrograms: new(2), Prune: new(false)}

// Compile compiles, with [SmallSearch] where the parameters name no optimiser.
func Compile(t *testing.T, w *World, p api.CompileParams) *api.CompileResult {
	t.Helper()
	if p.Optimizer == nil {
		p.Optimizer = SmallSearch
	}
	return Must(w.Compile(t.Context(), p))(t).(*api.CompileResult)
}

// Run is what tests read of a run file.
type Run struct {
	Program struct{ Hash string }
	Split   api.Split
	Entries []struct {
		Index int
		ID    string
		Split string
	}
	Partial    bool
	Candidates []struct {
		Candidate int
		Score     *float64
		Scores    []*struct{ Value float64 }
	}
	Models map[string]struct{ Model string }
}

// ReadRun reads the run file of files.program.
func ReadRun(t *testing.T, w *World) Run {
	t.Helper()
	var r Run
	if err := json.Unmarshal([]byte(w.Read("optimized_pipeline.run.json")), &r); err != nil {
		t.Fatal(err)
	}
	return r
}
