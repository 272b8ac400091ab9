package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/wire"
)

const allOffers = `{"choose_persona":true,"score":true,"complete":true,"embed":{"model":"m","dimension":2}}`

// asking makes lm-complete call the host by do and answer with its result.
func asking(f *fake, do func(context.Context, engine.Host) (any, error)) {
	f.lm = func(ctx context.Context, _ api.LMCompleteParams) (*api.LMCompleteResult, error) {
		v, err := do(ctx, f.host)
		text, _ := json.Marshal(v)
		return &api.LMCompleteResult{Text: string(text)}, err
	}
}

func TestCallbacks(t *testing.T) {
	persona := func(ctx context.Context, h engine.Host) (any, error) {
		return h.ChoosePersona(ctx, "c", api.NewChunkID("007"), "tr")
	}
	score := func(ctx context.Context, h engine.Host) (any, error) {
		n, why, err := h.Score(ctx, "c", "p", "g", "q")
		return fmt.Sprint(n, " ", why), err
	}
	temperature := 0.5
	complete := func(ctx context.Context, h engine.Host) (any, error) {
		return h.Complete(ctx, dispatcher.Request{Role: "task", Model: "m", Temperature: &temperature, ResponseFormat: json.RawMessage(`{"type":"x"}`)}, "c-1")
	}
	embed := func(ctx context.Context, h engine.Host) (any, error) { return h.Embed(ctx, []string{"a"}, "query") }
	for _, c := range []struct {
		name   string
		do     func(context.Context, engine.Host) (any, error)
		asked  string // the parameters
		answer string // members of the host's response
		want   string // in the result, or of the error
	}{
		{"persona", persona, `{"chunk_id":"007","chunk_text":"c","trace":"tr"}`, `"result":{"persona_description":"a nurse","name":"N","score":0.5}`, `{"persona_description":"a nurse","name":"N","score":0.5,"source":"host"}`},
		{"persona null", persona, "", `"result":{"persona_description":null}`, `{"persona_description":null,"source":"host"}`},
		{"persona absent", persona, "", `"result":{}`, "host callback choose-persona: expected {persona_description"},
		{"persona wrong", persona, "", `"result":{"persona_description":5}`, "host callback choose-persona: persona_description: expected a string or null, found 5"},
		{"persona is a list", persona, "", `"result":[1]`, "host callback choose-persona: the answer has another shape"},
		{"persona fails", persona, "", `"error":{"code":1,"message":"no idea"}`, "host callback choose-persona: no idea"},
		{"a strange error", persona, "", `"error":"oops"`, `host callback choose-persona: "oops"`},
		{"score", score, `{"chunk_text":"c","gold_question":"g","persona_description":"p","query":"q"}`, `"result":{"score":4.0,"reason":"ok"}`, `"4 ok"`},
		{"score out of range", score, "", `"result":{"score":6}`, "host callback score: expected {score: a whole number from 1 to 5}"},
		{"score absent", score, "", `"result":{}`, "host callback score: expected {score"},
		{"complete", complete, `{"call_id":"c-1","max_tokens":null,"messages":[],"model":"m","response_format":{"type":"x"},"role":"task","temperature":0.5}`, `"result":{"text":"hi","usage":{"prompt_tokens":3},"finish_reason":"stop"}`, `{"Text":"hi","FinishReason":"stop","PromptTokens":3,"CompletionTokens":0,"RetryAfter":0}`},
		{"complete later", complete, "", `"result":{"retry_after_s":1.5}`, `"RetryAfter":1500000000`},
		{"complete without text", complete, "", `"result":{}`, "host callback complete: expected {text"},
		{"embed", embed, `{"purpose":"query","texts":["a"]}`, `"result":{"vectors":[[1,2]]}`, `[[1,2]]`},
		{"embed too few", embed, "", `"result":{"vectors":[]}`, "host callback embed: expected 1 vectors"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fake{}
			asking(f, c.do)
			h := ready(t, f, allOffers)
			h.call("1", "lm-complete", `{}`)
			asked := h.recv()
			if c.asked != "" && string(asked.Params) != c.asked {
				t.Errorf("asked with %s, want %s", asked.Params, c.asked)
			}
			h.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, asked.ID, c.answer))
			r := h.recv()
			var got struct{ Text string }
			_ = json.Unmarshal(r.Result, &got)
			if r.Error != nil {
				got.Text = r.Error.Message
				if r.code() != rpc.CodeCallback || r.Error.Data["callback"] == nil || r.Error.Data["reason"] == nil {
					t.Errorf("error %+v", r.Error)
				}
			}
			if !strings.Contains(got.Text, c.want) {
				t.Errorf("got %s, want %s", got.Text, c.want)
			}
		})
	}
}

func TestOffers(t *testing.T) {
	f := &fake{lm: echo}
	ready(t, f, `{"score":false,"embed":{"model":"m","dimension":2},"complete":null}`)
	if f.host.ChoosePersona != nil || f.host.Score != nil || f.host.Complete != nil {
		t.Error("callbacks that were not offered are there")
	}
	if f.host.Embed == nil || f.host.EmbedModel != "m" || f.host.EmbedDim != 2 {
		t.Errorf("embed: %+v", f.host)
	}
}

// When the caller cancels, or gives up on a slow host, the host's own work is
// cancelled too, and its late answer harms nothing.
func TestCallbackGivenUp(t *testing.T) {
	for _, slow := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{}
			asking(f, func(ctx context.Context, h engine.Host) (any, error) {
				bounded, stop := context.WithTimeout(ctx, 5*time.Second) // as the engine does
				defer stop()
				return h.Embed(bounded, []string{"a"}, "query")
			})
			h := start(t, f, rpc.Options{}, wire.PipeOptions{})
			h.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocol_version":"1.0","capabilities":{"embed":true}}}`)
			h.recv()
			begun := time.Now()
			h.send(`{"jsonrpc":"2.0","id":1,"method":"lm-complete"}`)
			asked := h.recv()
			if !slow {
				h.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}`)
			}
			var forwarded, answered bool
			for range 2 {
				switch r := h.recv(); {
				case r.Method == "$/cancelRequest":
					forwarded = string(r.Params) == fmt.Sprintf(`{"id":%s}`, asked.ID)
				case string(r.ID) == "1":
					answered = r.code() == rpc.CodeCancelled
				}
			}
			if !forwarded || !answered {
				t.Errorf("slow %v: forwarded %v, answered %v", slow, forwarded, answered)
			}
			if slow && time.Since(begun) != 5*time.Second {
				t.Errorf("gave up after %s, want 5 s", time.Since(begun))
			}
			h.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"vectors":[]}}`, asked.ID))
			h.send(`{"jsonrpc":"2.0","id":2,"method":"status"}`)
			if r := h.recv(); string(r.ID) != "2" || r.Error != nil {
				t.Errorf("after a late answer: %+v", r)
			}
			h.in.Close()
			h.end()
		})
	}
}

// A host that goes away fails its callbacks; nothing hangs.
func TestHostGoneDuringCallback(t *testing.T) {
	f := &fake{}
	done := make(chan error, 1)
	asking(f, func(ctx context.Context, h engine.Host) (any, error) {
		_, err := h.Embed(ctx, []string{"a"}, "query")
		done <- err
		return nil, err
	})
	h := ready(t, f, `{"embed":true}`)
	h.call("1", "lm-complete", `{}`)
	h.recv()
	h.in.Close()
	if r := h.recv(); r.Method != "$/cancelRequest" && r.code() != rpc.CodeCancelled {
		t.Errorf("got %+v", r)
	}
	h.outEnd.Close()
	h.end()
	var fault *api.CallbackError
	if err := <-done; err == nil || !errors.Is(err, context.Canceled) && !errors.As(err, &fault) {
		t.Errorf("the callback ended with %v", err)
	}
}
