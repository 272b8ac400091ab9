package rpc_test

import (
	"context"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
)

// Wrong parameters are told by name, with what was expected and found.
func TestParams(t *testing.T) {
	for _, c := range []struct{ method, params, param, message string }{
		{"generate", `{"chunk_txt":"x"}`, "chunk_txt", "did you mean chunk_text?"},
		{"generate", `{"Chunk_Text":"x"}`, "Chunk_Text", "did you mean chunk_text?"},
		{"generate", `{}`, "chunk_text", "expected a string, found nothing"},
		{"generate", `{"chunk_text":null}`, "chunk_text", "expected a string, found null"},
		{"generate", `{"chunk_text":5}`, "chunk_text", "expected a string, found 5"},
		{"generate", `{"chunk_text":"x","rollout":1.5}`, "rollout", "expected a whole number, found 1.5"},
		{"generate", `{"chunk_text":"x","rollout":99999999999999999999}`, "rollout", "expected a whole number"},
		{"generate", `{"chunk_text":"x","save":"yes"}`, "save", `expected true or false, found "yes"`},
		{"generate", `{"chunk_text":"x","gates":"leak"}`, "gates", "expected an array, each a string"},
		{"generate", `{"chunk_text":"x","gates":["leak",5]}`, "gates[1]", "expected a string, found 5"},
		{"generate", `{"chunk_text":"x","vector":[1,"2"]}`, "vector", "expected an array, each a number"},
		{"generate", `{"chunk_text":"x","payload":[]}`, "payload", "expected an object, found []"},
		{"generate", `["x"]`, "params", "expected an object with named parameters, found an array"},
		{"generate", `{"chunk_text":"x","program":5}`, "program", "expected a path or null, found 5"},
		{"lm-complete", `{"messages":[{"role":"user","content":"a"},{"role":"user"}]}`, "messages[1].content", "found nothing"},
		{"lm-complete", `{"messages":[{"role":"user","content":"a","contnt":"b"}]}`, "messages[0].contnt", "did you mean content?"},
		{"status", `{"x":1}`, "x", "expected no parameters"},
		{"rpc.discover", `{"deep":true}`, "deep", "expected no parameters"},
	} {
		h := ready(t, &fake{gen: hang, lm: echo}, `{}`)
		h.call("1", c.method, c.params)
		r := h.recv()
		if r.code() != -32602 || r.Error.Data["param"] != c.param || !strings.Contains(r.Error.Message, c.message) {
			t.Errorf("%s %s: %+v; want %s: %s", c.method, c.params, r.Error, c.param, c.message)
		}
		h.stop()
	}
}

// Null is as good as absent for what is optional, and parameters as a whole.
func TestParamsOptional(t *testing.T) {
	var got api.LMCompleteParams
	f := &fake{lm: func(_ context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
		got = p
		return &api.LMCompleteResult{}, nil
	}}
	h := ready(t, f, `{}`)
	for _, params := range []string{`{}`, `null`, `{"model":null,"max_tokens":null,"messages":null,"fresh":null,"response_format":null}`} {
		h.call("1", "lm-complete", params)
		if r := h.recv(); r.Error != nil || got.Model != "" || got.MaxTokens != nil || got.Messages != nil {
			t.Errorf("%s: %+v, decoded %+v", params, r.Error, got)
		}
	}
	h.send(`{"jsonrpc":"2.0","id":2,"method":"lm-complete"}`)
	if r := h.recv(); r.Error != nil {
		t.Errorf("no params: %+v", r.Error)
	}
	h.call("3", "lm-complete", `{"prompt":"<b>&\u2028 ü","max_tokens":7,"trace":"t","response_format":{"a":[1]}}`)
	r := h.recv()
	if got.Prompt != "<b>&\u2028 ü" || *got.MaxTokens != 7 || got.Trace != "t" || string(got.ResponseFormat) != `{"a":[1]}` {
		t.Errorf("decoded %+v, error %+v", got, r.Error)
	}
}

func TestProgramRefStates(t *testing.T) {
	var got api.ProgramRef
	f := &fake{gen: func(_ context.Context, p api.GenerateParams) (*api.GenerateResult, error) {
		got = p.Program
		return &api.GenerateResult{}, nil
	}}
	h := ready(t, f, `{}`)
	for params, want := range map[string]api.ProgramRef{
		`{"chunk_text":"x"}`:                    {},
		`{"chunk_text":"x","program":null}`:     {Given: true},
		`{"chunk_text":"x","program":"p.json"}`: {Given: true, Path: "p.json"},
	} {
		h.call("1", "generate", params)
		if r := h.recv(); r.Error != nil || got != want {
			t.Errorf("%s: %+v, %+v, want %+v", params, r.Error, got, want)
		}
	}
}
