package api

import (
	"reflect"
	"slices"
)

// Method is one row of the table: a name on the wire and what it stands for.
type Method struct {
	Name   string
	Doc    string       // one sentence
	Params reflect.Type // a struct
	Result reflect.Type // a struct or a pointer to one; any for a document
	Other  reflect.Type // the second shape of Result, e.g. of a dry run; or nil
}

// Empty are the parameters of methods that take none.
type Empty struct{}

func row[P, R any](name, doc string) Method {
	return Method{Name: name, Doc: doc, Params: reflect.TypeFor[P](), Result: reflect.TypeFor[R]()}
}

// or names the second shape of the result.
func (m Method) or(result any) Method {
	m.Other = reflect.TypeOf(result)
	return m
}

var methods = []Method{
	row[InitializeParams, InitializeResult]("initialize", "Check the config, open the store and agree on the protocol; the first call."),
	row[Empty, *Empty]("shutdown", "Stop taking calls; answers null. The notification exit then ends the process."),
	row[Empty, StatusResult]("status", "What the sidecar holds and does: store, endpoints, long calls."),
	row[Empty, any]("rpc.discover", "This service as an OpenRPC document."),
	row[LMCompleteParams, *LMCompleteResult]("lm-complete", "One chat completion over the endpoints of a role."),
	row[FetchParams, *FetchResult]("fetch", "A uniform sample of chunks, without replacement; the same seed on the same data gives the same chunks."),
	row[ChoosePersonaParams, *PersonaResult]("choose-persona", "The persona for a chunk, from the configured source."),
	row[AnnotateSuggestParams, *AnnotateSuggestResult]("annotate-suggest", "Different questions for a chunk, for a person to choose from."),
	row[GoldAddParams, *GoldAddResult]("gold-add", "Add a question that a person picked to the gold set; on disk before it answers."),
	row[GoldSampleParams, *GoldSampleResult]("gold-sample", "Random entries of the gold set."),
	row[PromptsParams, *PromptsResult]("prompts", "The exact messages that a program sends."),
	row[CompileParams, CompileResult]("compile", "Learn a better program from the gold set.").or(DryRunResult{}),
	row[EvaluateParams, *EvaluateResult]("evaluate", "Compare a program with a baseline on a part of the gold set."),
	row[CompareParams, *EvaluateResult]("compare", "Compare two programs, or models, with each other."),
	row[GenerateParams, *GenerateResult]("generate", "One question for one chunk."),
	row[SaveQuestionParams, *SaveQuestionResult]("save-question", "Save a question into the questions collection."),
	row[GenerateAllParams, GenerateAllResult]("generate-all", "Questions for every chunk of a collection; can be continued.").or(DryRunResult{}),
	row[ExportBatchParams, *ExportBatchResult]("export-batch", "Write what generate-all would ask as requests for a batch API."),
	row[ImportBatchParams, *ImportBatchResult]("import-batch", "Keep a batch's replies, so that generate-all finds them."),
	row[CheckQuestionsParams, *CheckQuestionsResult]("check-questions", "Measure a set of questions: round trip, duplicates, leaks, languages, diversity."),
}

// Methods are all methods, in the reference's order.
func Methods() []Method { return slices.Clone(methods) }

// MethodNamed finds a method by its name.
func MethodNamed(name string) (Method, bool) {
	i := slices.IndexFunc(methods, func(m Method) bool { return m.Name == name })
	if i < 0 {
		return Method{}, false
	}
	return methods[i], true
}

// MethodNames are the names of all methods, in the reference's order.
func MethodNames() []string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.Name
	}
	return names
}
