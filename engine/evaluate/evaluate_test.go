package evaluate_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func TestEvaluateAfterCompile(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(24)
	enginetest.Compile(t, w, api.CompileParams{})
	test := map[string]bool{}
	for _, e := range enginetest.ReadRun(t, w).Entries {
		if e.Split == "test" {
			test[fmt.Sprintf("chapter %d need?", e.Index)] = true
		}
	}
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Report: w.Path("report.html")}))(t)
	if r.N != 8 || r.Split != "test" || r.Program == nil || *r.Program != w.Path("optimized_pipeline.json") {
		t.Errorf("result = %+v", r)
	}
	if r.Baseline.Score == nil || r.Optimized.Mean == nil || r.Difference.VerdictCode == "" || r.Wins+r.Ties+r.Losses != 8 {
		t.Errorf("numbers = %+v %+v %+v", r.Baseline, r.Optimized, r.Difference)
	}
	if r.Judge.Model != "judge-model" || len(r.Examples) != 5 || !enginetest.Warned(r.Warnings, "8 examples are few") || enginetest.Warned(r.Warnings, "run file") {
		t.Errorf("judge = %+v, warnings = %v", r.Judge, r.Warnings)
	}
	for _, ex := range r.Examples {
		if _, tail, _ := strings.Cut(ex.GoldQuestion, " of "); !test[tail] {
			t.Errorf("%q is not of the test part", ex.GoldQuestion)
		}
		if ex.Unoptimized.Query == nil || ex.Optimized.Score == nil || ex.Optimized.Reason == "" {
			t.Errorf("example = %+v", ex)
		}
	}
	if page := w.Read("report.html"); !strings.Contains(page, "<html") || r.Report != w.Path("report.html") {
		t.Errorf("report %s of %d bytes", r.Report, len(page))
	}
}

// A failed call is missing, not zero: the other side's scores do not change.
func TestEvaluateKeepsErrorsApart(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(10)
	w.LLM.Fault(func(_ int, r llmtest.Request) *llmtest.Fault {
		if r.Model == "judge-model" && strings.Contains(r.Last(), "Chapter 3 ") {
			return llmtest.HTTP(400)
		}
		return nil
	})
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all", Examples: new(10)}))(t)
	if r.N != 10 || r.Baseline.Errors != 1 || r.Optimized.Errors != 1 || r.Wins+r.Ties+r.Losses != 9 || !enginetest.Warned(r.Warnings, "have no score") {
		t.Errorf("result = %+v %+v %v", r.Baseline, r.Optimized, r.Warnings)
	}
	last := r.Examples[9]
	if last.Optimized.Score != nil || last.Optimized.Error == "" || last.Optimized.Query == nil {
		t.Errorf("the failed example = %+v", last)
	}
}

func TestEvaluateFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(4)
	for name, p := range map[string]api.EvaluateParams{
		"program":  {Program: api.ProgramRef{Given: true, Path: w.Path("gone.json")}},
		"baseline": {Baseline: api.ProgramRef{Given: true, Path: w.Path("gone.json")}},
		"lines":    {Baseline: api.ProgramRef{Given: true, Path: w.Path("gone.jsonl")}},
		"gold":     {Gold: w.Path("gone.json")},
		"report":   {Report: w.Path("no/such/folder/report.html")},
		"name":     {Report: w.Path("report.json")},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.LLM.Count()
			_, err := w.Evaluate(t.Context(), p)
			enginetest.As[*api.FileError](t, err)
			if paid := w.LLM.Count() - before; paid > 0 {
				t.Errorf("after %d calls", paid)
			}
		})
	}
	w.Write("optimized_pipeline.run.json", "{")
	enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t) // the unoptimised program has no run file
	_, err := w.Evaluate(t.Context(), api.EvaluateParams{Budget: &dispatcher.Budget{MaxCalls: 1}, Call: api.Call{Fresh: true}})
	enginetest.As[*api.BudgetError](t, err)
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return llmtest.HTTP(401) })
	_, err = w.Evaluate(t.Context(), api.EvaluateParams{Call: api.Call{Fresh: true}})
	enginetest.As[*dispatcher.NoEndpointError](t, err)
}

func TestCompare(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(12)
	enginetest.Compile(t, w, api.CompileParams{Output: w.Path("a.json")})
	none, a := api.ProgramRef{}, api.ProgramRef{Given: true, Path: w.Path("a.json")}
	r := enginetest.Must(w.Compare(t.Context(), api.CompareParams{Programs: []api.ProgramRef{none, a}}))(t)
	if *r.Program != w.Path("a.json") || r.Split != "test" || enginetest.Warned(r.Warnings, "no run file") {
		t.Errorf("result = %+v", r)
	}
	enginetest.Must(w.Compare(t.Context(), api.CompareParams{Programs: []api.ProgramRef{a, a}, Models: []string{"one", "judge-model"}}))(t)
	models := map[string]bool{}
	for _, c := range w.LLM.Chats() {
		models[c.Model] = true
	}
	if !models["one"] {
		t.Errorf("models asked: %v", models)
	}
	for _, p := range []api.CompareParams{{}, {Programs: []api.ProgramRef{a}}, {Programs: []api.ProgramRef{a, a}, Models: []string{"x"}}} {
		_, err := w.Compare(t.Context(), p)
		enginetest.As[*api.ParamError](t, err)
	}
	if err := os.Rename(w.Path("a.run.json"), w.Path("a.json.run.json")); err != nil {
		t.Fatal(err)
	}
	r = enginetest.Must(w.Compare(t.Context(), api.CompareParams{Programs: []api.ProgramRef{none, a}}))(t)
	if enginetest.Warned(r.Warnings, "no run file") {
		t.Error("the run file under its other name was not found")
	}
}
