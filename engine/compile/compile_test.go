package compile_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/llmtest"
)

func TestCompile(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(24)
	var mu sync.Mutex
	var last api.Progress
	stages := map[string]bool{}
	watched := api.WithProgress(t.Context(), func(p api.Progress) {
		mu.Lock()
		defer mu.Unlock()
		last = p
		stages[p.Stage] = true
	})
	plan := enginetest.Must(w.Compile(t.Context(), api.CompileParams{Optimizer: enginetest.SmallSearch, DryRun: true}))(t).(*api.DryRunResult)
	if n := w.LLM.Count(); n != 0 {
		t.Errorf("dry_run sent %d requests", n)
	}
	r := enginetest.Must(w.Compile(watched, api.CompileParams{Optimizer: enginetest.SmallSearch}))(t).(*api.CompileResult)
	if r.Output != w.Path("optimized_pipeline.json") || r.Baseline.Score == nil || r.Best.Score == nil || *r.Best.Score < *r.Baseline.Score {
		t.Errorf("result = %+v", r)
	}
	if diff := cmp.Diff(api.SplitCounts{Train: 9, Dev: 7, Test: 8}, r.Split); diff != "" {
		t.Error(diff)
	}
	if len(r.Candidates) != 5 || r.Candidates[0].Candidate != -3 || r.Candidates[0].N != 7 {
		t.Errorf("candidates = %+v", r.Candidates)
	}
	asked := r.Usage.Calls + r.Usage.Cached
	if asked < plan.Calls.AtLeast || r.Usage.Calls > plan.Calls.AtMost || plan.Tokens == nil {
		t.Errorf("%d calls were asked for, planned %+v", asked, plan)
	}
	if last.Done != last.Total || !stages["evaluate"] || last.Usage == nil {
		t.Errorf("last progress = %+v of stages %v", last, stages)
	}
	saved := enginetest.Must(program.Load(r.Output, program.Options{}))(t)
	run := enginetest.ReadRun(t, w)
	if run.Program.Hash != saved.Hash() || len(run.Entries) != 24 || run.Partial || run.Models["judge"].Model != "judge-model" {
		t.Errorf("run file = %+v", run)
	}
	counts := map[string]int{}
	for i, e := range run.Entries {
		counts[e.Split]++
		if e.Index != i || len(e.ID) != 64 {
			t.Errorf("entry = %+v", e)
		}
	}
	if diff := cmp.Diff(map[string]int{"train": 9, "dev": 7, "test": 8}, counts); diff != "" {
		t.Error(diff)
	}
	if len(run.Candidates) != 5 || len(run.Candidates[0].Scores) != 7 {
		t.Errorf("candidates = %+v", run.Candidates)
	}
}

func TestCompileAgainPaysNothing(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(12)
	first := enginetest.Compile(t, w, api.CompileParams{})
	before := w.Read("optimized_pipeline.json")
	again := enginetest.Compile(t, w, api.CompileParams{})
	if again.Usage.Calls != 0 || again.Usage.Cached == 0 || w.Read("optimized_pipeline.json") != before {
		t.Errorf("again: usage = %+v, first = %+v", again.Usage, first.Usage)
	}
	if diff := cmp.Diff(first.Best, again.Best); diff != "" {
		t.Error(diff)
	}
}

func TestCompileSpendsNoMoreThanItsBudget(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(24)
	whole := enginetest.Compile(t, w, api.CompileParams{Output: w.Path("whole.json"), Budget: &dispatcher.Budget{MaxCalls: 10_000}})
	other := enginetest.New(t, enginetest.Setup{NoStore: true})
	other.WriteGold(24)
	budget := whole.Usage.Calls - 2
	_, err := other.Compile(t.Context(), api.CompileParams{Optimizer: enginetest.SmallSearch, Budget: &dispatcher.Budget{MaxCalls: budget}})
	spent := enginetest.As[*api.BudgetError](t, err)
	if n := other.LLM.Count(); n > budget {
		t.Errorf("%d requests were sent on a budget of %d", n, budget)
	}
	if spent.PartialOutput != other.Path("optimized_pipeline.partial.json") {
		t.Fatalf("partial output = %q", spent.PartialOutput)
	}
	enginetest.Must(program.Load(spent.PartialOutput, program.Options{}))(t)
	if !strings.Contains(other.Read("optimized_pipeline.partial.run.json"), `"partial": true`) {
		t.Error("the run file does not say that it is partial")
	}
	rest := enginetest.Compile(t, other, api.CompileParams{})
	if rest.Usage.Calls > whole.Usage.Calls-budget {
		t.Errorf("%d further calls, want at most %d", rest.Usage.Calls, whole.Usage.Calls-budget)
	}
}

func TestCompileWithTheHostsMetric(t *testing.T) {
	host := engine.Host{Score: func(_ context.Context, chunk, persona, gold, query string) (int, string, error) {
		if strings.Contains(query, "specifically") {
			return 5, "specific", nil
		}
		return 2, "vague", nil
	}}
	w := enginetest.New(t, enginetest.Setup{NoStore: true, Host: host})
	w.WriteGold(12)
	var metric api.Metric
	if err := json.Unmarshal([]byte(`"host"`), &metric); err != nil {
		t.Fatal(err)
	}
	enginetest.Compile(t, w, api.CompileParams{Metric: &metric, Split: &api.Split{Train: 0.7, Dev: 0.3}})
	for _, r := range w.LLM.Chats() {
		if r.Model == "judge-model" {
			t.Fatal("the judge was asked although the host scores")
		}
	}
	_, err := enginetest.New(t, enginetest.Setup{NoStore: true}).Compile(t.Context(), api.CompileParams{Metric: &metric})
	enginetest.As[*api.CallbackError](t, err)
}

func TestCompileFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	_, err := w.Compile(t.Context(), api.CompileParams{})
	enginetest.As[*api.FileError](t, err) // no gold set
	w.Write("gold_dataset.json", "[]")
	_, err = w.Compile(t.Context(), api.CompileParams{})
	enginetest.As[*api.FileError](t, err)
	w.WriteGold(4)
	for param, p := range map[string]api.CompileParams{
		"optimizer.name":                   {Optimizer: &api.OptimizerParams{Name: "mipro"}},
		"optimizer.num_candidate_programs": {Optimizer: &api.OptimizerParams{NumCandidatePrograms: new(-1)}},
		"threshold":                        {Threshold: new(6.0)},
		"split":                            {Split: &api.Split{Train: 1, Dev: 1}},
		"split.train":                      {Split: &api.Split{Dev: 1, Seed: new(int64(0))}},
		"metric":                           {Metric: &api.Metric{Name: "bleu"}},
		"metric.gates":                     {Metric: &api.Metric{Gates: []string{"nice"}}},
		"budget":                           {Budget: &dispatcher.Budget{MaxCalls: -1}},
	} {
		_, err := w.Compile(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != param {
			t.Errorf("param = %s, want %s", e.Param, param)
		}
	}
	for _, gate := range []string{"round-trip", "duplicate"} {
		metric := &api.Metric{Gates: []string{"leak", gate}}
		_, err = w.Compile(t.Context(), api.CompileParams{Metric: metric})
		if e := enginetest.As[*api.ParamError](t, err); e.Param != "metric.gates" || e.Found != gate {
			t.Errorf("compile with %s: %v", gate, e)
		}
		_, err = w.Evaluate(t.Context(), api.EvaluateParams{Metric: metric})
		if e := enginetest.As[*api.ParamError](t, err); e.Param != "metric.gates" || e.Found != gate {
			t.Errorf("evaluate with %s: %v", gate, e)
		}
	}
	_, err = w.Compile(t.Context(), api.CompileParams{Output: w.Path("no/such/folder/x.json")})
	enginetest.As[*api.FileError](t, err)
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return llmtest.HTTP(401) })
	_, err = w.Compile(t.Context(), api.CompileParams{})
	enginetest.As[*dispatcher.NoEndpointError](t, err)
	if _, err := os.Stat(w.Path("optimized_pipeline.json")); err == nil {
		t.Error("a compile without one answer wrote a program")
	}
}
