package report_test

import (
	"fmt"
	"strings"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/verdict"
)

func pointer[T any](v T) *T { return &v }

// scores of thirty examples, baseline and optimised; 0 is a failed call.
const oldScores, newScores = "234423142453342143523341244203", "445442434244454343534352424404"

// sample is a report as an evaluation would fill it.
func sample() report.Data {
	d := report.Data{
		GeneratedAt: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Version: "0.1.0",
		Split: "test", Threshold: 4, TaskModel: "small-writer", SearchScore: pointer(87.0),
		Judge:     report.Judge{Model: "large-judge", Kappa: pointer(0.68), FlipRate: pointer(0.04), Instructions: verdict.JudgeInstructions},
		Baseline:  report.Side{Name: "unoptimised", Hash: "8d1c04b2", Prompts: prompts("Given a chunk, persona, query type, and format, generate the final question.", 0)},
		Optimized: report.Side{Name: "optimized_pipeline.json", Hash: "f00dcafe", Prompts: prompts("Given a chunk, persona, query type, and format, generate the final question.", 2)},
		Usage:     &dispatcher.Usage{Calls: 118, Cached: 62, PromptTokens: 91234, CompletionTokens: 7654, USD: pointer(0.0312)},
		ElapsedS:  41.7, GoldOverlap: report.Overlap{Baseline: pointer(0.1234), Optimized: pointer(0.31)},
		Warnings: []string{"30 examples see large differences only"},
		Repeat: report.Repeat{Command: "qgen-sidecar evaluate --split test --report report.html",
			Facts: []report.Field{{Name: "split seed", Text: "0"}, {Name: "gold set", Text: "gold_dataset.json, sha256 1b4f0e98"}}},
	}
	var old, new []verdict.Outcome
	for i := range oldScores {
		row := report.Row{ChunkID: i + 100,
			ChunkText:          fmt.Sprintf("§%d Employees who change from full to part time keep the leave earned so far. The balance is recalculated on the day of the change; days already booked stay booked.", i+1),
			PersonaDescription: "HR generalist in a small firm, writes short and direct",
			GoldQuestion:       "what happens to my booked vacation if i go part time"}
		row.Baseline = output(oldScores[i], "According to the text, what happens to the leave balance of employees on the day of the change?", &old)
		row.Optimized = output(newScores[i], fmt.Sprintf("what happens to booked leave when i change to part time in month %d", i%12+1), &new)
		d.Rows = append(d.Rows, row)
	}
	d.Comparison = verdict.Compare(old, new)
	return d
}

func output(score byte, query string, all *[]verdict.Outcome) report.Output {
	if score == '0' {
		*all = append(*all, verdict.Outcome{})
		return report.Output{Error: "no endpoint could answer: a is dead (connection refused)"}
	}
	s := float64(score - '0')
	*all = append(*all, verdict.Outcome{Scored: true, Score: s, Success: s >= 4})
	reasons := []string{"Not a question of this persona.", "Leans on the text and is hard to read alone.", "Clear, but less specific than the gold question.",
		"Clear, specific and relevant; as good as the gold question.", "More specific than the gold question, and in the persona's voice."}
	return report.Output{Query: &query, QueryType: "how-to", QueryFormat: "search query", Score: &s, Success: s >= 4, Reason: reasons[int(s)-1]}
}

func prompts(instructions string, demos int) []report.Prompt {
	generator := report.Prompt{Name: "generator", Messages: []program.Message{{Role: "system", Content: "Your input fields are:\n1. chunk_text\n2. persona_description\n\n" + instructions}}}
	for i := range demos {
		generator.Messages = append(generator.Messages,
			program.Message{Role: "user", Content: "[[ ## chunk_text ## ]]\nNotice periods grow with the years of service."},
			program.Message{Role: "assistant", Content: "[[ ## query ## ]]\nhow long is my notice after 8 years"})
		generator.Demos = append(generator.Demos, report.Demo{Augmented: i == 1, Fields: []report.Field{
			{Name: "chunk_text", Text: "Notice periods grow with the years of service."}, {Name: "query", Text: "how long is my notice after 8 years"}}})
	}
	generator.Messages = append(generator.Messages, program.Message{Role: "user", Content: "[[ ## chunk_text ## ]]\n{chunk_text}"})
	return []report.Prompt{{Name: "analyzer", Messages: generator.Messages[:1]}, generator}
}

const evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe\u2066\x00\x1b[31m\xff javascript:alert(3) {{.}} \"'`"

// hostile is a report whose every text tries to become something else.
func hostile() report.Data {
	d := sample()
	long := strings.Repeat("word \u202e<b>bold</b>\x00 ", 60_000) // over a megabyte
	d.Title, d.TaskModel, d.Judge.Model, d.Judge.Warning, d.Judge.Instructions = evil, evil, evil, evil, evil
	d.Split, d.Version, d.Repeat.Command = evil, evil, evil
	d.Warnings, d.Notes = []string{evil}, []string{evil}
	d.Repeat.Facts = []report.Field{{Name: evil, Text: evil}}
	for i := range d.Rows {
		r := &d.Rows[i]
		r.ChunkID, r.ChunkText, r.PersonaDescription, r.GoldQuestion = evil, evil, evil, evil
		if i == 0 {
			r.ChunkText = long + evil
		}
		for _, o := range []*report.Output{&r.Baseline, &r.Optimized} {
			o.Query, o.QueryType, o.QueryFormat, o.Reason, o.Error = pointer(evil), evil, evil, evil, evil
		}
	}
	for _, s := range []*report.Side{&d.Baseline, &d.Optimized} {
		s.Name, s.Hash, s.Model = evil, evil, evil
		for i := range s.Prompts {
			s.Prompts[i].Name = evil
			s.Prompts[i].Messages = append(s.Prompts[i].Messages, program.Message{Role: evil, Content: long[:200_000]})
			s.Prompts[i].Demos = append(s.Prompts[i].Demos, report.Demo{Fields: []report.Field{{Name: evil, Text: evil}}})
		}
	}
	return d
}
