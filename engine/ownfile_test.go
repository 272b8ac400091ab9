package engine_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

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

// A call that is refused for its output leaves the journal beside it alone.
func TestARefusedOutputKeepsItsJournal(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(3)})
	w.Write("out.jsonl", w.Read("out.jsonl")+"my own note\n")
	before := w.Files()
	for _, resume := range []bool{false, true} {
		_, err := w.GenerateAll(t.Context(), api.GenerateAllParams{Output: w.Path("out.jsonl"), Resume: &resume})
		enginetest.As[*api.FileError](t, err)
		for name, text := range w.Files() {
			if before[name] != text {
				t.Errorf("resume %t: %s is changed", resume, name)
			}
		}
	}
}

// A dry run and an export look at the files, and write nothing.
func TestADryRunWritesNothing(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(3)})
	w.Write("out.jsonl", w.Read("out.jsonl")+`{"id":"7ecb`)
	before := w.Files()
	p := api.GenerateAllParams{Output: w.Path("out.jsonl"), DryRun: true}
	enginetest.Must(w.GenerateAll(t.Context(), p))(t)
	p.DryRun = false
	if r := enginetest.Must(w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: p, Batch: w.Path("round")}))(t); r.Done != 3 {
		t.Errorf("the export knows of %d finished questions, want 3", r.Done)
	}
	for name, text := range before {
		if w.Read(name) != text && !strings.HasPrefix(name, "db/") {
			t.Errorf("%s is changed", name)
		}
	}
}
