package compile_test

import (
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// The files beside a program are looked at too.
func TestAForeignRunFileStays(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	w.WriteGold(4)
	w.Write("p.run.json", `{"my": "runs"}`)
	before := w.Files()
	_, err := w.Compile(t.Context(), api.CompileParams{Output: w.Path("p.json"), Optimizer: &api.OptimizerParams{NumCandidatePrograms: new(0)}})
	if e := enginetest.As[*api.FileError](t, err); e.Path != w.Path("p.run.json") {
		t.Errorf("the error names %s", e.Path)
	}
	w.Unchanged("compile", before)
	budget := api.CompileParams{Output: w.Path("q.json"), Budget: &dispatcher.Budget{MaxCalls: 1}}
	w.Write("q.partial.json", "[]")
	_, err = w.Compile(t.Context(), budget)
	if e := enginetest.As[*api.FileError](t, err); e.Path != w.Path("q.partial.json") {
		t.Errorf("the error names %s", e.Path)
	}
}
