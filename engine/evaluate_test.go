package engine_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
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
	enginetest.Must(w.GoldAdd(t.Context(), api.GoldAddParams{ChunkText: "chunk 99", PersonaDescription: "p", GoldQuestion: "question 99?"}))(t)
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

// judgedInTurn lets the task model always write query, and the judge give each
// question these scores, one a time it is asked.
func judgedInTurn(w *enginetest.World, query string, scores ...int) {
	var mu sync.Mutex
	asked := map[string]int{}
	w.LLM.Handle(func(r llmtest.Request) string {
		if r.Model != "judge-model" {
			return "[[ ## query_type ## ]]\nfactual\n[[ ## query_format ## ]]\nquestion\n[[ ## query ## ]]\n" + query
		}
		mu.Lock()
		defer mu.Unlock()
		n := asked[r.Last()]
		asked[r.Last()]++
		return fmt.Sprintf("[[ ## reason ## ]]\nbecause\n[[ ## score ## ]]\n%d", scores[n%len(scores)])
	})
}

// How like the gold questions the written ones are is told beside their score.
func TestEvaluateTellsImitation(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(2)
	judgedInTurn(w, "Which torque value does the gearbox of chapter 1 need?", 4)
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all"}))(t)
	got := r.GoldOverlap
	if got.Baseline == nil || got.Optimized == nil || *got.Baseline != *got.Optimized || *got.Baseline <= 0.85 || *got.Baseline >= 1 {
		t.Errorf("found %v and %v, expected nearly 1 of questions that differ in a digit or in nothing", got.Baseline, got.Optimized)
	}
	w = enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(2)
	judgedInTurn(w, "Kosten?", 4)
	r = enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all"}))(t)
	if *r.GoldOverlap.Baseline != 0 {
		t.Errorf("found %v, expected 0 of a question with nothing of the gold one's", *r.GoldOverlap.Baseline)
	}
}

func TestEvaluateRepeatsTheJudge(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(6)
	judgedInTurn(w, "Which torque?", 4, 3)
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all", Repeats: new(2)}))(t)
	if r.Judge.Flips == nil || *r.Judge.Flips != 1 || !enginetest.Warned(r.Warnings, "contradicts itself") || *r.Baseline.Mean != 3.5 || *r.Baseline.Score != 0 {
		t.Errorf("judge = %+v, baseline = %+v", r.Judge, r.Baseline)
	}
}

// The gate is asked in whichever round the score suffices.
func TestARefusedQuestionIsNoSuccessInAnyRound(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(3)
	judgedInTurn(w, "What does this passage say?", 3, 5, 5)
	m := &api.Metric{Name: "judge", Gates: []string{"standalone"}}
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{Split: "all", Repeats: new(3), Metric: m}))(t)
	if *r.Baseline.Mean < 4 || *r.Baseline.Score != 0 {
		t.Errorf("baseline = mean %v, score %v", *r.Baseline.Mean, *r.Baseline.Score)
	}
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
	enginetest.As[*api.BudgetSpent](t, err)
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
