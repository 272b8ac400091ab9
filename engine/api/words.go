package api

import (
	"slices"

	"qgen-sidecar/engine/quality"
	"qgen-sidecar/qdrantlock"
)

// Words is a closed set of words. A field whose value is one of them, or a list of
// them, names the set by an `enum` tag; the reference, the schemas and the Python
// client's types take the words from here.
type Words struct {
	Name   string
	Values []string
}

var words = []Words{
	{"ClauseName", Clauses},
	{"EndpointState", []string{"ready", "cooling", "dead"}},
	{"Gate", append(slices.Clone(quality.TextChecks), "round-trip", "duplicate", "answerable")},
	{"MetricGate", append(slices.Clone(quality.TextChecks), "answerable")},
	{"MetricName", []string{MetricJudge, MetricHost}},
	{"OptimizerName", []string{"labeled-few-shot", "bootstrap-few-shot", "bootstrap-few-shot-random-search", "reflective", "reflective+bootstrap"}},
	{"PersonaSource", []string{"host", "file", "collection", "none"}},
	{"PredictorName", []string{"analyzer", "generator"}},
	{"Priority", []string{"interactive", "suggesting", "batch"}},
	{"Purpose", []string{"query", "passage"}},
	{"Role", []string{"task", "teacher", "judge"}},
	{"SplitPart", []string{PartTest, PartDev, PartTrain, PartAll}},
	{"StoreMode", []string{string(qdrantlock.ModeFolder), string(qdrantlock.ModeServer), string(qdrantlock.ModeShared)}},
	{"VerdictCode", []string{"better", "worse", "none"}},
}

// AllWords are the closed sets, by name.
func AllWords() []Words { return slices.Clone(words) }

// WordsNamed is the set of an `enum` tag, nil when there is none of that name.
func WordsNamed(name string) []string {
	i := slices.IndexFunc(words, func(w Words) bool { return w.Name == name })
	if i < 0 {
		return nil
	}
	return slices.Clone(words[i].Values)
}

// enum is the schema of one of a set's words.
func enum(name string) map[string]any {
	return map[string]any{"type": "string", "title": name, "enum": WordsNamed(name)}
}
