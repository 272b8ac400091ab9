package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/store"
)

// faults are the checks as the report lists them.
var faults = []report.Fault{
	{Kind: gate.RoundTrip, Means: fmt.Sprintf("a search with it does not give its chunk among the first %d", store.RoundTripDepth)},
	{Kind: gate.Standalone, Means: "makes sense only beside the text it was made from"},
	{Kind: gate.Leak, Means: "repeats the chunk's wording, so that keywords alone find it"},
	{Kind: gate.Duplicate, Means: "nearly an earlier question, in wording or meaning"},
	{Kind: gate.Language, Means: "in another language than its chunk"},
}

// report writes the page, its JSON and its text; "" none.
func (j *Job) report(path string) error {
	if path == "" {
		return nil
	}
	j.result.Report = files.Abs(path)
	s := report.Set{GeneratedAt: time.Now().UTC(), Version: j.Version, Source: j.source, Warnings: j.result.Warnings,
		Diversity: j.measures(), Languages: counted(j.result.Languages), Dark: []string{}}
	if rt := j.result.RoundTrip; rt != nil {
		s.RoundTrip = &report.RoundTrip{Searched: len(j.ranks), At1: rt.At1, At5: rt.At5, At10: rt.At10, MRR: rt.MRR}
	}
	for _, id := range j.result.DarkChunks {
		s.Dark = append(s.Dark, fmt.Sprint(id))
	}
	for i := range j.questions {
		s.Rows = append(s.Rows, j.row(i))
	}
	for _, f := range faults {
		for _, q := range s.Rows {
			if slices.Contains(q.Kinds, f.Kind) {
				f.Count++
			}
		}
		s.Faults = append(s.Faults, f)
	}
	if err := j.Outputs.MayReport(j.result.Report, report.Questions); err != nil {
		return err
	}
	if err := report.WriteSet(j.result.Report, s); err != nil {
		return &api.FileError{Path: j.result.Report, Reason: "cannot be written: " + files.Reason(err), Err: err}
	}
	return nil
}

func (j *Job) row(i int) report.SetQuestion {
	q := j.questions[i]
	out := report.SetQuestion{ChunkID: q.ChunkID.String(), ChunkText: q.ChunkText, Query: q.Query, Language: quality.Language(q.Query),
		Kinds: []string{}, Reasons: j.reasons[i]}
	if rank, searched := j.ranks[i]; searched {
		out.Rank = &rank
	}
	for _, reason := range out.Reasons {
		kind, _, _ := strings.Cut(reason, ":")
		out.Kinds = append(out.Kinds, kind)
	}
	return out
}

func counted(languages map[string]int) []report.Count {
	var out []report.Count
	for name, n := range languages {
		out = append(out, report.Count{Name: name, Count: n})
	}
	slices.SortFunc(out, func(a, b report.Count) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// measures are the figures of diversity, beside the gold set's where there is one.
func (j *Job) measures() []report.SetMeasure {
	names := []struct{ key, words string }{
		{"distinct_1", "different words per word"}, {"distinct_2", "different word pairs per pair"}, {"ngd", "n-gram diversity, 0 to 4"},
		{"mean_similarity", "mean similarity of two"}, {"mean_words", "words a question"}, {"opening_share", "share of the commonest opening"},
	}
	whole := j.result.Diversity
	beside, _ := whole["beside_gold"].(map[string]any)
	ours, _ := beside["questions"].(map[string]any)
	gold, _ := beside["gold"].(map[string]any)
	if ours == nil {
		ours = whole
	}
	var out []report.SetMeasure
	for _, n := range names {
		out = append(out, report.SetMeasure{Name: n.words, Questions: number(ours[n.key]), Gold: number(gold[n.key])})
	}
	if vendi := number(whole["vendi"]); vendi != nil {
		out = append(out, report.SetMeasure{Name: "effective number of different questions (Vendi), of the whole set", Questions: vendi})
	}
	return out
}

func number(v any) *float64 {
	if x, ok := v.(float64); ok {
		return &x
	}
	return nil
}
