package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/rpc/wire"
)

// Method is one row of the table: a name of the contract and what it stands for.
type Method struct {
	Name   string
	Doc    string       // one sentence
	Params reflect.Type // a struct
	Result reflect.Type // a struct or a pointer to one; any for two shapes
	Other  reflect.Type // the second shape of Result, e.g. of a dry run; or nil
	Long   bool         // takes progress_token

	decode  func(raw []byte) (any, error)
	call    func(ctx context.Context, svc Service, params any) (any, error)
	session func(s *session, c *call, raw []byte) (any, error)
}

// on makes a row of a Service method.
func on[P, R any](name, doc string, fn func(Service, context.Context, P) (R, error)) Method {
	m := describe[P, R](name, doc)
	m.decode = func(raw []byte) (any, error) {
		var p P
		err := decodeParams(raw, &p)
		return p, err
	}
	m.call = func(ctx context.Context, svc Service, params any) (any, error) {
		return fn(svc, ctx, params.(P))
	}
	return m
}

// here makes a row of a method that the session answers itself.
func here[P, R any](name, doc string, fn func(*session, *call, P) (R, error)) Method {
	m := describe[P, R](name, doc)
	m.session = func(s *session, c *call, raw []byte) (any, error) {
		var p P
		if err := decodeParams(raw, &p); err != nil {
			return nil, err
		}
		return fn(s, c, p)
	}
	return m
}

func describe[P, R any](name, doc string) Method {
	p := reflect.TypeFor[P]()
	_, long := p.FieldByName("Long")
	return Method{Name: name, Doc: doc, Params: p, Result: reflect.TypeFor[R](), Long: long}
}

// of names the shapes of a method that answers in two.
func (m Method) of(results ...any) Method {
	m.Result = reflect.TypeOf(results[0])
	m.Other = reflect.TypeOf(results[1])
	return m
}

// Call decodes params strictly and calls the method on svc. Progress goes to
// the function that engine.WithProgress put into ctx. Methods that need a
// session (initialize, status, …) cannot be called so.
func (m Method) Call(ctx context.Context, svc Service, params []byte) (any, error) {
	p, err := m.decode(params)
	if err != nil {
		return nil, err
	}
	return m.call(ctx, svc, p)
}

// empty are the parameters of methods that take none.
type empty struct{}

var table []Method

func init() {
	table = []Method{
		describe[initializeParams, initializeResult]("initialize", "Check the config, open the store and agree on the protocol; the first call."),
		describe[empty, *empty]("shutdown", "Stop taking calls; answers null. The notification exit then ends the process."),
		here("status", "What the sidecar holds and does: store, endpoints, long calls.", (*session).status),
		here("rpc.discover", "This service as an OpenRPC document.", discover),
		on("lm-complete", "One chat completion over the endpoints of a role.", Service.LMComplete),
		on("fetch", "A uniform sample of chunks, without replacement; the same seed on the same data gives the same chunks.", Service.Fetch),
		on("choose-persona", "The persona for a chunk, from the configured source.", Service.ChoosePersona),
		on("annotate-suggest", "Different questions for a chunk, for a person to choose from.", Service.AnnotateSuggest),
		on("gold-add", "Add a question that a person picked to the gold set; on disk before it answers.", Service.GoldAdd),
		on("gold-sample", "Random entries of the gold set.", Service.GoldSample),
		on("prompts", "The exact messages that a program sends.", Service.Prompts),
		on("compile", "Learn a better program from the gold set.", Service.Compile).of(api.CompileResult{}, api.DryRunResult{}),
		on("evaluate", "Compare a program with a baseline on a part of the gold set.", Service.Evaluate),
		on("compare", "Compare two programs, or models, with each other.", Service.Compare),
		on("generate", "One question for one chunk.", Service.Generate),
		on("save-question", "Save a question into the questions collection.", Service.SaveQuestion),
		on("generate-all", "Questions for every chunk of a collection; can be continued.", Service.GenerateAll).of(api.GenerateAllResult{}, api.DryRunResult{}),
		on("export-batch", "Write what generate-all would ask as requests for a batch API.", Service.ExportBatch),
		on("import-batch", "Keep a batch's replies, so that generate-all finds them.", Service.ImportBatch),
		on("check-questions", "Measure a set of questions: round trip, duplicates, leaks, languages, diversity.", Service.CheckQuestions),
	}
}

// Methods is the table, in the contract's order.
func Methods() []Method { return slices.Clone(table) }

// MethodNamed finds a row by its name.
func MethodNamed(name string) (Method, bool) { return methodNamed(name) }

func methodNamed(name string) (Method, bool) {
	for _, m := range table {
		if m.Name == name {
			return m, true
		}
	}
	return Method{}, false
}

func methodNames() []string {
	names := make([]string, len(table))
	for i, m := range table {
		names[i] = m.Name
	}
	return names
}

// encode is json.Marshal without HTML's escapes: <, > and & in texts stay as
// they are. What a host could not read is an error: it would cost the host its
// connection, with all other calls on it.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	body := bytes.TrimRight(buf.Bytes(), "\n")
	if _, found := jsonvalue.Unsound(body, wire.MaxDepth-envelope); found != "" {
		return nil, fmt.Errorf("the answer cannot be sent, as it holds %s", found)
	}
	return body, nil
}

// envelope is how deep a result or parameters lie in their message, generously.
const envelope = 8
