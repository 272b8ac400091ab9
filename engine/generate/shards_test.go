package generate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestABatchIsCutIntoFiles(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{EndpointKeys: "models = {\"task-model\" = \"theirs/of the task\"}\n"})
	p := api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.Path("out.jsonl")}, Batch: w.Path("b"), MaxRequests: new(3)}
	e := enginetest.Must(w.ExportBatch(t.Context(), p))(t)
	if e.Requests != 8 || len(e.Files) != 3 || e.Files[2] != w.Path("b-00003.jsonl") || w.LLM.Count() != 0 {
		t.Fatalf("%+v after %d requests", e, w.LLM.Count())
	}
	ids, sizes := map[string]bool{}, []int{}
	for _, path := range e.Files {
		lines := readBatch(t, path)
		sizes = append(sizes, len(lines))
		for _, l := range lines {
			ids[l.CustomID] = true
			if !strings.Contains(string(l.Body), `"model":"theirs/of the task"`) || len(l.CustomID) > 64 {
				t.Errorf("line %+v", l)
			}
		}
	}
	if len(ids) != 8 || !cmp.Equal(sizes, []int{3, 3, 2}) {
		t.Errorf("%d ids in files of %v", len(ids), sizes)
	}
	_, err := w.ExportBatch(t.Context(), p)
	if enginetest.As[*api.FileError](t, err).Path != w.Path("b-00001.jsonl") {
		t.Errorf("an earlier export is written over: %v", err)
	}
}

// An export takes no name that any file of an earlier batch has.
func TestAnExportReplacesNoShard(t *testing.T) {
	for _, shard := range []string{"round-1-00001.jsonl", "round-1-00002.jsonl", "round-1-100000.jsonl"} {
		w := enginetest.New(t, enginetest.Setup{})
		w.Write(shard, "mine")
		before := w.Files()
		_, err := w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.Path("out.jsonl")}, Batch: w.Path("round-1"), MaxRequests: new(1)})
		if e := enginetest.As[*api.FileError](t, err); e.Path != w.Path(shard) {
			t.Errorf("%s: the error names %s", shard, e.Path)
		}
		w.Unchanged("export-batch over "+shard, before)
	}
	w := enginetest.New(t, enginetest.Setup{})
	w.Write("round-1-2.jsonl", "no shard")
	w.Write("round-10-00001.jsonl", "another batch")
	if _, err := w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.Path("out.jsonl")}, Batch: w.Path("round-1")}); err != nil {
		t.Error(err)
	}
}
