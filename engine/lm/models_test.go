package lm_test

import (
	"context"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func TestLMComplete(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	r := enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "What is 2+2?"}))(t)
	if r.Text != "4" || r.Endpoint != "a" || r.Usage.Calls != 1 {
		t.Errorf("result = %+v", r)
	}
	again := enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "What is 2+2?"}))(t)
	if again.Usage.Calls != 0 || again.Usage.Cached != 1 {
		t.Errorf("usage = %+v, want one cached", again.Usage)
	}
	fresh := enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "What is 2+2?", Call: api.Call{Fresh: true}}))(t)
	if fresh.Usage.Calls != 1 {
		t.Errorf("usage = %+v, want one sent", fresh.Usage)
	}
	enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Role: "judge", Messages: []dispatcher.Message{{Role: "user", Content: "x"}}, MaxTokens: new(7)}))(t)
	chats := w.LLM.Chats()
	last := chats[len(chats)-1]
	if last.Model != "judge-model" || *last.Temperature != 0 || last.MaxTokens != 7 {
		t.Errorf("the judge was asked with %s, %v, %d", last.Model, *last.Temperature, last.MaxTokens)
	}
}

func TestLMCompleteFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	for param, p := range map[string]api.LMCompleteParams{
		"prompt":           {},
		"role":             {Prompt: "x", Role: "poet"},
		"max_tokens":       {Prompt: "x", MaxTokens: new(0)},
		"temperature":      {Prompt: "x", Temperature: new(3.0)},
		"timeout_s":        {Prompt: "x", Call: api.Call{TimeoutS: new(0.0)}},
		"messages[0].role": {Messages: []dispatcher.Message{{Role: "poet"}}},
	} {
		_, err := w.LMComplete(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != param {
			t.Errorf("param = %s, want %s", e.Param, param)
		}
	}
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return llmtest.HTTP(401) })
	_, err := w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "x"})
	enginetest.As[*dispatcher.NoEndpointError](t, err)
}

func TestHostCompleteServesEverything(t *testing.T) {
	host := engine.Host{Complete: func(_ context.Context, req dispatcher.Request, _ string) (dispatcher.HostReply, error) {
		return dispatcher.HostReply{Text: "from the host: " + req.Role}, nil
	}}
	w := enginetest.New(t, enginetest.Setup{NoStore: true, Host: host, TOML: ""})
	w.Write("bare.toml", "")
	bare := newBare(t, w, host)
	r := enginetest.Must(bare.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "x"}))(t)
	if r.Text != "from the host: task" || r.Endpoint != "host" {
		t.Errorf("result = %+v", r)
	}
	none := newBare(t, w, engine.Host{})
	_, err := none.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "x"})
	enginetest.As[*api.ParamError](t, err)
}

// newBare is an engine whose config is empty.
func newBare(t *testing.T, w *enginetest.World, host engine.Host) *engine.Engine {
	t.Helper()
	cfg, err := config.Load(w.Path("bare.toml"), nil, w.Dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(cfg, engine.Options{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}
