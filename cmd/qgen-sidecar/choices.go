package main

import (
	"reflect"

	"qgen-sidecar/engine/api"
)

// closedSets are the flags of a method that take nothing but some names: these are
// checked as they are typed, may stand with commas between them, and are completed.
func closedSets(method string) map[string][]string {
	sets := map[string][]string{
		"gates":          api.WordsNamed("Gate"),
		"metric":         api.WordsNamed("MetricName"),
		"metric.gates":   api.WordsNamed("MetricGate"),
		"optimizer.name": api.WordsNamed("OptimizerName"),
	}
	if method == "evaluate" || method == "compare" {
		sets["split"] = api.WordsNamed("SplitPart")
	}
	return sets
}

// member is a key of what may be given as a whole or by its members.
type member struct {
	name, word, doc string
	list            bool
}

// membersOf are the members that have flags of their own.
func membersOf(t reflect.Type) []member {
	switch t {
	case reflect.TypeFor[api.Split]():
		return []member{
			{name: "train", word: "SHARE", doc: "share of the gold set to learn from, 0 to 1"},
			{name: "dev", word: "SHARE", doc: "share of the gold set by which candidates are compared, 0 to 1"},
			{name: "test", word: "SHARE", doc: "share of the gold set that is kept back for evaluate, 0 to 1"},
			{name: "seed", word: "N|null", doc: "seed of the division; null: in the file's order; default 0"},
		}
	case reflect.TypeFor[api.Metric]():
		return []member{
			{name: "judge", word: "judge|host", doc: "who scores; default judge"},
			{name: "gates", list: true, doc: "gates that a success must also pass: standalone, leak, language, answerable; default none"},
		}
	}
	return nil
}
