package view_test

import (
	"encoding/json"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/verdict"
	"qgen-sidecar/qdrantlock"
)

func pointer[T any](v T) *T { return &v }

var (
	made = api.ProgramUsed{Program: pointer("/work/optimized_pipeline.json"), ProgramHash: "64b4c3efc3f847e44d928b894d8ef2db"}
	bill = dispatcher.Usage{Calls: 118, Cached: 62, PromptTokens: 91234, CompletionTokens: 7654, USD: pointer(0.0312)}
)

// samples are a result for each view, as commands give them.
var samples = map[string]func(*view.Page){
	"evaluation":        func(p *view.Page) { view.Evaluation(p, evaluated()) },
	"comparison":        func(p *view.Page) { view.Comparison(p, compared()) },
	"checked_questions": func(p *view.Page) { view.CheckedQuestions(p, checked()) },
	"compiled":          func(p *view.Page) { view.Compiled(p, compiled()) },
	"dry_run": func(p *view.Page) {
		view.DryRun(p, &api.DryRunResult{Calls: api.CallRange{AtLeast: 120, AtMost: 480}, Tokens: &[2]int{60_000, 400_000}, USD: &[2]float64{.01, .07}})
	},
	"generated": func(p *view.Page) {
		view.Generated(p, &api.GenerateResult{ProgramUsed: made, Query: pointer("what happens to my booked leave"), QueryType: "how-to", QueryFormat: "search query",
			PersonaDescription: pointer("a nurse on night shifts"), Model: "small-writer", PointID: "43fdca18-7b85-5f56-bdaf-ddf14d2b7dbf",
			Usage: dispatcher.Usage{Calls: 2, PromptTokens: 1500, CompletionTokens: 113}, ElapsedMS: 1530, Warnings: []string{"asked again: standalone: leans on its text"}})
	},
	"rejected": func(p *view.Page) {
		view.Generated(p, &api.GenerateResult{RejectedReason: "leak: 9 of 10 word groups stand in the chunk", Model: "small-writer"})
	},
	"generated_all":  func(p *view.Page) { view.GeneratedAll(p, generatedAll()) },
	"exported_batch": func(p *view.Page) { view.ExportedBatch(p, exported()) },
	"imported_batch": func(p *view.Page) {
		view.ImportedBatch(p, &api.ImportBatchResult{Imported: 1190, Failed: 1, PromptTokens: 120_000, CompletionTokens: 9000,
			Failures: []api.BatchFailure{{File: "/work/results-1.jsonl", Line: 17, CustomID: "ab12", Error: "status 500: overloaded"}}})
	},
	"fetched": func(p *view.Page) {
		view.Fetched(p, &api.FetchResult{Collection: "handbook", Total: 5321, Count: 2, WithoutText: 1, Seed: 7, Chunks: []map[string]any{
			{"chunk_id": uint64(13570027672830659665), "chunk_text": "§1 Employees who change to part time keep the leave earned so far. The balance is recalculated on the day."},
			{"chunk_id": "rule-2", "chunk_text": "日本語の規則。休暇は月ごとに計算されます。変更の日に残りが計算し直され、すでに予約された日はそのまま残ります。申請は二週間前までに。"}}})
	},
	"prompts": func(p *view.Page) {
		view.Prompts(p, &api.PromptsResult{ProgramUsed: api.ProgramUsed{ProgramHash: "ab"}, Predictors: []api.PredictorPrompt{{Name: "analyzer", Messages: []dispatcher.Message{
			{Role: "system", Content: "Your fields:\n1. chunk_text\n\n  A reply is nothing but the fields in this order, each of them a line with its marker as it stands here."},
			{Role: "user", Content: "[[ ## chunk_text ## ]]\n{chunk_text}"}}}}})
	},
	"why": func(p *view.Page) { view.Why(p, asked()) },
	"gold_sample": func(p *view.Page) {
		view.GoldSample(p, &api.GoldSampleResult{Total: 104, Entries: []json.RawMessage{
			json.RawMessage(`{"reviewer":"ann","chunk_text":"Leave\nis kept.","persona_description":"a nurse","gold_question":"does leave carry over","query_type":"how-to","chunk_id":13570027672830659665}`),
			json.RawMessage(`{"chunk_text":"Pay is monthly.","persona_description":"","gold_question":"when is my salary paid out"}`)}})
	},
	"gold_check":   func(p *view.Page) { view.GoldCheck(p, goldChecked()) },
	"gold_entries": func(p *view.Page) { view.GoldEntries(p, entries(3)) },
	"gold_import":  func(p *view.Page) { view.GoldImport(p, view.GoldImported{Read: 1, Count: 105}) },
	"gold_merged": func(p *view.Page) {
		view.GoldMerged(p, decisions.Merged{Added: 3, Count: 107, Agreement: []decisions.Together{
			{Journal: "ben.jsonl", Both: 40, Same: 12, Differ: 20, Passed: 5, OnePast: 3, Agreed: pointer(.425), KappaUse: pointer(.58)}, {Journal: "eve.jsonl"}}})
	},
	"proposed": func(p *view.Page) {
		view.Proposed(p, view.Proposal{Output: "qgen.toml", Collection: "handbook", Points: 5321, TextField: "text", Context: []string{"title"}, Questions: "questions",
			QueryField: "question", ChunkIDField: "chunk_id", Next: "set the endpoints and models in it, then: qgen-sidecar check"})
	},
	"findings": func(p *view.Page) {
		view.Findings(p, []view.Finding{{"config", true, "/work/qgen.toml"}, {"store and lock", true, "folder /work/qdrant_db: handbook (5321)"},
			{"endpoint a", false, "no endpoint could answer for model \"gpt-4o-mini\": a (dead): the environment variable OPENAI_API_KEY is not set: set it to the key, or remove api_key_env"}})
	},
	"version": func(p *view.Page) {
		view.Version(p, view.VersionInfo{Version: "1.2.3", Commit: "36f906f", Go: "go1.26", OS: "linux", Arch: "arm64"})
	},
	"folder_check": func(p *view.Page) {
		view.FolderCheck(p, qdrantlock.FolderReport{Path: "/work/qdrant_db", Locked: true, HolderPID: 4711, Leftover: []string{"old"}, Problems: []string{"collection \"handbook\", row 7: class os.system is none that the client writes"}})
	},
	"folder_stats": func(p *view.Page) {
		r := qdrantlock.FolderStatsReport{Path: "/work/qdrant_db", Bytes: 135_200_000, FreeBytes: 8200, Points: 5321, Aliases: map[string]string{"docs": "handbook"}}
		json.Unmarshal([]byte(`[{"name":"handbook","points":5321,"rows":5330,"bytes":135200000,"free_bytes":8200}]`), &r.Collections)
		view.FolderStats(p, r)
	},
	"folder_compact": func(p *view.Page) {
		r := qdrantlock.FolderCompactReport{Path: "/work/qdrant_db", BytesBefore: 135_200_000, BytesAfter: 118_800_000}
		json.Unmarshal([]byte(`[{"name":"handbook","bytes_before":135200000,"bytes_after":118800000},{"name":"lost","error":"no such file"}]`), &r.Collections)
		view.FolderCompact(p, r)
	},
}

// scores of thirty examples, baseline and optimised; 0 is a failed call.
const oldScores, newScores = "234423142453342143523341244203", "445442434244454343534352424404"

func evaluated() *api.EvaluateResult {
	outcomes := func(scores string) (all []verdict.Outcome) {
		for _, s := range scores {
			all = append(all, verdict.Outcome{Scored: s != '0', Score: float64(s - '0'), Success: s >= '4'})
		}
		return all
	}
	c := verdict.Compare(outcomes(oldScores), outcomes(newScores))
	r := &api.EvaluateResult{ProgramUsed: made, N: c.N, Split: "test", Baseline: c.Baseline, Optimized: c.Optimized, Difference: c.Difference,
		Wins: c.Wins, Ties: c.Ties, Losses: c.Losses, GoldOverlap: api.GoldOverlap{Baseline: pointer(.1234), Optimized: pointer(.31)}, Usage: bill,
		Judge:  api.JudgeInfo{Model: "large-judge", Kappa: pointer(.68), Flips: pointer(.04), Warning: "the judge is the model that wrote the questions; few scores"},
		Report: "/work/report.html", Warnings: []string{"30 examples are few: below 50 only large differences can show", "the judge is the model that wrote the questions", "few scores"}}
	r.Judge.Agreement = &api.JudgeAgreement{Agreement: verdict.Agreement{N: 40, Kappa: .68, CI95: [2]float64{.51, .8}}, Clause: &api.ClauseAgreement{Name: "specificity", N: 9, Gap: 1.2}}
	chunk := "§7 Employees who change from full to part time keep the leave earned so far. The balance is recalculated on the day of the change; days already booked stay booked."
	example := func(old, new *float64) api.EvaluateExample {
		return api.EvaluateExample{ChunkText: chunk, PersonaDescription: "HR generalist in a small firm", GoldQuestion: "what happens to my booked vacation if i go part time",
			Unoptimized: api.ScoredOutput{Query: pointer("According to the text, what happens to the leave balance of employees on the day of the change?"), Score: old, Reason: "Leans on the text and is hard to read alone."},
			Optimized:   api.ScoredOutput{Query: pointer("what happens to booked leave when i change to part time"), Score: new, Reason: "Clear, specific and relevant."}}
	}
	failed := example(pointer(2.), nil)
	failed.Optimized = api.ScoredOutput{Error: "no endpoint could answer: a is dead (connection refused)"}
	r.Examples = []api.EvaluateExample{example(pointer(4.), pointer(2.)), example(pointer(2.), pointer(4.5)), example(pointer(4.), pointer(4.)), failed}
	return r
}

func compared() *api.EvaluateResult {
	r := evaluated()
	r.Report, r.Judge, r.Examples = "", api.JudgeInfo{Model: "large-judge", Warning: "it wrote the questions itself"}, r.Examples[:1]
	return r
}

func checked() *api.CheckQuestionsResult {
	r := &api.CheckQuestionsResult{N: 120, RoundTrip: &api.RoundTrip{At1: .54, At5: .8, At10: .92, MRR: .67}, Duplicates: 12, Leaks: 3, NotStandalone: 81,
		Languages: map[string]int{"en": 118, "de": 2}, Usage: bill, Warnings: []string{"less diverse than the gold set: distinct_1 is 0.31, of as many gold questions 0.45"},
		Diversity: map[string]any{"n": 120, "opening": "what is", "vendi": 61.5, "types": []api.TypeShare{{Type: "how-to", N: 120, Share: 1}}, "beside_gold": map[string]any{"n": 40,
			"questions": map[string]any{"distinct_1": .31, "ngd": 2.5, "mean_words": 9.4}, "gold": map[string]any{"distinct_1": .45, "ngd": 2.9, "mean_words": 8.}}}}
	for i := range 108 {
		r.Flagged = append(r.Flagged, api.Flag{Index: i, Reasons: []string{"standalone: leans on its text: \"the passage\"", "duplicate: nearly question 4"}})
		r.DarkChunks = append(r.DarkChunks, uint64(i))
	}
	return r
}

func compiled() *api.CompileResult {
	won := program.New(program.Options{GeneratorInstructions: "Ask.\nBe \x1b[1mclear."})
	r := &api.CompileResult{Output: "/w/p.json", Split: api.SplitCounts{Train: 4, Dev: 3, Test: 3}, Warnings: []string{"few entries"}}
	r.Best.Candidate, r.Best.Score, r.Baseline.Score = 1, pointer(100.), pointer(100./3)
	r.Usage = api.Usage{Calls: 12, Cached: 2, PromptTokens: 900, CompletionTokens: 100, USD: pointer(.01)}
	r.Candidates = []optimize.Candidate{
		{Candidate: -3, Score: pointer(100. / 3), N: 3},
		{Candidate: 0, Pruned: true, Proposal: &optimize.Proposal{Parent: -3, Predictor: "analyzer", Outcome: "no better"}},
		{Candidate: 1, Score: pointer(100.), N: 2, Errors: 1, Program: won, Proposal: &optimize.Proposal{Parent: -3, Predictor: "generator", Outcome: "accepted", Accepted: true}},
		{Candidate: 2, Pruned: true, Proposal: &optimize.Proposal{Parent: 1, MergedWith: new(int), Predictor: "analyzer", Outcome: "no better"}},
		{Candidate: 12, Pruned: true, Demos: optimize.Demos[program.Demo]{Generator: make([]program.Demo, 2)}},
		{Candidate: 13, Pruned: true},
	}
	return r
}

func generatedAll() *api.GenerateAllResult {
	r := &api.GenerateAllResult{ProgramUsed: made, Done: 480, Skipped: 20, Rejected: 12, Failed: 14, Stale: 2, Usage: bill, TypeDivergence: pointer(.012),
		Types: []api.TypeShare{{Type: "how-to", N: 300, Share: .6, Wanted: pointer(.55)}, {Type: "factual", N: 200, Share: .4, Wanted: pointer(.45)}},
		Gates: []api.GateCount{{Gate: "standalone", Asked: 492, Refused: 9}, {Gate: "answerable", Asked: 483, Refused: 3, Usage: bill}}, Warnings: []string{"the journal ended in half a line"}}
	for i := range 14 {
		r.Failures = append(r.Failures, api.Failure{ChunkID: uint64(i), Error: "no endpoint could answer: a is dead (connection refused)"})
	}
	return r
}

func exported() *api.ExportBatchResult {
	return &api.ExportBatchResult{ProgramUsed: made, Requests: 1200, Files: []string{"/work/round-1-00001.jsonl", "/work/round-1-00002.jsonl"}, Waiting: 1200, Ready: 30, Done: 10,
		Failed: 1, Failures: []api.Failure{{ChunkID: "rule-2", Error: "no persona fits"}}, Usage: dispatcher.Usage{}}
}

func asked() *api.WhyResult {
	return &api.WhyResult{PointID: "43fdca18", Question: "does leave carry over", ChunkID: uint64(5), Chunk: map[string]any{"text": "Leave is kept.", "title": "Rule 5"},
		Stale: "its chunk has another text now", PersonaDescription: "a nurse", Plan: api.WhyPlan{QueryType: "how-to", QueryFormat: "search query"}, Model: "small-writer",
		Provenance: map[string]any{"calls": 2, "gates": []any{"leak"}}, CreatedAt: "2026-03-04T05:06:07Z",
		Program: api.WhyProgram{Hash: "64b4c3ef", Path: "/work/.qgen/programs/64b4c3ef.json", Predictors: []api.WhyPredictor{{Name: "generator", Instructions: "Ask.",
			Demonstrations: []program.Demo{program.NewDemo(true, "chunk_text", "Pay is monthly.", "query", "when is my salary paid out")}}}},
		Payload: map[string]any{"question": "does leave carry over", "chunk_id": uint64(5), "model": "small-writer", "team": "red"}}
}

func goldChecked() *api.GoldCheck {
	return &api.GoldCheck{N: 104, Duplicates: 1, BadLength: 1, Words: &api.GoldWords{Shortest: 1, Median: 9, Longest: 25}, Languages: map[string]int{"en": 104},
		QueryTypes: map[string]int{"how-to": 60, "factual": 44}, QueryFormats: map[string]int{"search query": 104},
		Personas: []api.GoldPersona{{Description: "a nurse", N: 80}, {Description: "a clerk", N: 24}}, Warnings: []string{"one persona has 80 of 104 entries (a nurse): its voice is most of what is taught"},
		Flagged: []api.GoldFlag{{Index: 7, Question: "leave?", Reasons: []string{"length: 1 words (expected 2 to 40)", "duplicate: repeats entry 3 (similarity 0.91)"}}}}
}

func entries(n int) []view.IndexedEntry {
	all := make([]view.IndexedEntry, n)
	for i := range all {
		all[i] = view.IndexedEntry{Index: i, GoldEntry: api.GoldEntry{ChunkText: "Leave is kept.", PersonaDescription: "a nurse on night shifts in a small hospital", GoldQuestion: "does leave carry over when i change to part time in the middle of a year and go back to full time"}}
	}
	return all
}
