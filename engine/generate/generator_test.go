package generate_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
	"qgen-sidecar/qdrantlock"
)

func TestGenerate(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	r := enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t)
	if r.Query == nil || *r.Query == "" || r.QueryType == "" || r.QueryFormat == "" || *r.PersonaDescription != "a tenant" {
		t.Errorf("result = %+v", r)
	}
	if r.Program != nil || len(r.ProgramHash) != 64 || r.Usage.Calls != 2 || r.Model == "" || r.Warnings == nil || r.ElapsedMS <= 0 {
		t.Errorf("result = %+v", r)
	}
	again := enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t)
	if again.Usage.Calls != 0 || again.Usage.Cached != 2 || *again.Query != *r.Query {
		t.Errorf("again = %+v", again)
	}
	p := enginetest.AboutChunk(1)
	p.Rollout = 1
	if other := enginetest.Must(w.Generate(t.Context(), p))(t); other.Usage.Calls != 2 {
		t.Errorf("another draw was answered from the cache: %+v", other.Usage)
	}
}

func TestGeneratePersona(t *testing.T) {
	skip := engine.Host{ChoosePersona: func(_ context.Context, _ string, id api.ChunkID, trace string) (*api.PersonaResult, error) {
		if id.String() != "1" || trace != "t-1" {
			return nil, errors.New("id " + id.String() + ", trace " + trace)
		}
		return &api.PersonaResult{}, nil
	}}
	w := enginetest.New(t, enginetest.Setup{NoStore: true, Host: skip})
	p := enginetest.AboutChunk(1)
	p.PersonaDescription, p.Trace = nil, "t-1"
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	if r.Query != nil || r.PersonaDescription != nil || !strings.Contains(r.RejectedReason, "skipped") || w.LLM.Count() != 0 {
		t.Errorf("result = %+v", r)
	}
	none := enginetest.New(t, enginetest.Setup{NoStore: true})
	if r := enginetest.Must(none.Generate(t.Context(), p))(t); r.Query == nil || *r.PersonaDescription != "" {
		t.Errorf("without personas: %+v", r)
	}
}

func TestGenerateFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	for param, change := range map[string]func(*api.GenerateParams){
		"chunk_text": func(p *api.GenerateParams) { p.ChunkText = " " },
		"chunk_id":   func(p *api.GenerateParams) { p.Save, p.ChunkID = true, api.ChunkID{} },
		"gates":      func(p *api.GenerateParams) { p.Gates = []string{"nice"} },
		"candidates": func(p *api.GenerateParams) { p.Candidates = new(0) },
		"rollout":    func(p *api.GenerateParams) { p.Rollout = -1 },
	} {
		p := enginetest.AboutChunk(1)
		change(&p)
		_, err := w.Generate(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != param {
			t.Errorf("param = %s, want %s", e.Param, param)
		}
	}
	p := enginetest.AboutChunk(1)
	p.Save = true
	_, err := w.Generate(t.Context(), p)
	enginetest.As[*qdrantlock.StoreError](t, err)
	if w.LLM.Count() != 0 {
		t.Error("a model was paid for what could not be saved")
	}
	w.LLM.Handle(func(llmtest.Request) string { return "I would rather not." })
	_, err = w.Generate(t.Context(), enginetest.AboutChunk(1))
	if e := enginetest.As[*api.ReplyError](t, err); e.Role != "task" || e.Reply != "I would rather not." {
		t.Errorf("err = %+v", e)
	}
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return llmtest.HTTP(401) })
	_, err = w.Generate(t.Context(), enginetest.AboutChunk(2))
	enginetest.As[*dispatcher.NoEndpointError](t, err)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.Generate(cancelled, enginetest.AboutChunk(3))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	var id api.ChunkID
	enginetest.As[*api.ParamError](t, json.Unmarshal([]byte(`1.5`), &id))
}
