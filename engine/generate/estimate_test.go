package generate_test

import (
	"strings"
	"testing"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// Whether every question is refused or none, the plan holds.
func TestGenerateAllIsPlanned(t *testing.T) {
	for _, query := range []string{"What does this passage say?", "What is explained?"} {
		for _, gates := range [][]string{nil, {"standalone"}, {"standalone", "answerable"}} {
			for _, perChunk := range []int{1, 3} {
				w := enginetest.New(t, enginetest.Setup{EndpointKeys: enginetest.Priced})
				enginetest.Script(w, query)
				p := api.GenerateAllParams{Gates: gates, PerChunk: &perChunk, Output: w.Path("out.jsonl"), DryRun: true}
				plan := enginetest.Must(w.GenerateAll(t.Context(), p))(t).(*api.DryRunResult)
				p.DryRun = false
				start := time.Now()
				r := enginetest.GenerateAll(t, w, p)
				enginetest.CheckPlanned(t, plan, r.Usage, max(time.Since(start).Minutes(), plan.Minutes[0]))
				if gates == nil && perChunk == 1 && plan.Calls.AtLeast != r.Usage.Calls {
					t.Errorf("planned %+v for %d calls", plan.Calls, r.Usage.Calls)
				}
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
