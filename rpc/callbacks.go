package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
)

// hostFor gives the engine the callbacks that were offered; the others stay
// nil. How long one may take is the engine's to say.
func hostFor(o api.HostOffers, ask asker) engine.Host {
	h := engine.Host{EmbedModel: o.Embed.Model, EmbedDim: o.Embed.Dimension}
	if o.ChoosePersona.Offered {
		h.ChoosePersona = choosePersona(ask)
	}
	if o.Score.Offered {
		h.Score = score(ask)
	}
	if o.Complete.Offered {
		h.Complete = complete(ask)
	}
	if o.Embed.Offered {
		h.Embed = embed(ask)
	}
	return h
}

// asker calls the host and decodes its answer.
type asker func(ctx context.Context, method string, params, result any) error

func choosePersona(ask asker) func(context.Context, string, api.ChunkID, string) (*api.PersonaResult, error) {
	return func(ctx context.Context, chunk string, id api.ChunkID, trace string) (*api.PersonaResult, error) {
		const name = "choose-persona"
		var raw *struct {
			Description json.RawMessage `json:"persona_description"`
			Name        string          `json:"name"`
			Score       *float64        `json:"score"`
		}
		if err := ask(ctx, name, omitZero(object{"chunk_text": chunk, "chunk_id": id, "trace": trace}), &raw); err != nil {
			return nil, err
		}
		if raw == nil || raw.Description == nil {
			return nil, badAnswer(name, "expected {persona_description: a string or null}, found no persona_description")
		}
		r := &api.PersonaResult{Name: raw.Name, Score: raw.Score, Source: "host"}
		if err := json.Unmarshal(raw.Description, &r.PersonaDescription); err != nil {
			return nil, badAnswer(name, "persona_description: expected a string or null, found "+api.Brief(raw.Description))
		}
		return r, nil
	}
}

func score(ask asker) func(context.Context, string, string, string, string) (int, string, error) {
	return func(ctx context.Context, chunk, persona, gold, query string) (int, string, error) {
		const name = "score"
		var raw struct {
			Score  *float64 `json:"score"`
			Reason string   `json:"reason"`
		}
		if err := ask(ctx, name, object{"chunk_text": chunk, "persona_description": persona, "gold_question": gold, "query": query}, &raw); err != nil {
			return 0, "", err
		}
		if raw.Score == nil || *raw.Score < 1 || *raw.Score > 5 || *raw.Score != math.Trunc(*raw.Score) {
			return 0, "", badAnswer(name, "expected {score: a whole number from 1 to 5}")
		}
		return int(*raw.Score), raw.Reason, nil
	}
}

func complete(ask asker) dispatcher.HostComplete {
	return func(ctx context.Context, req dispatcher.Request, callID string) (dispatcher.HostReply, error) {
		params := object{"messages": nonNil(req.Messages), "role": req.Role, "model": req.Model, "max_tokens": nil, "temperature": req.Temperature, "call_id": callID}
		if req.MaxTokens > 0 {
			params["max_tokens"] = req.MaxTokens
		}
		if len(req.ResponseFormat) > 0 {
			params["response_format"] = req.ResponseFormat
		}
		if req.Trace != "" {
			params["trace"] = req.Trace
		}
		var raw completeAnswer
		if err := ask(ctx, "complete", params, &raw); err != nil {
			return dispatcher.HostReply{}, err
		}
		return raw.reply()
	}
}

type completeAnswer struct {
	Text         *string  `json:"text"`
	FinishReason string   `json:"finish_reason"`
	RetryAfterS  *float64 `json:"retry_after_s"`
	Usage        *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
}

func (a completeAnswer) reply() (dispatcher.HostReply, error) {
	r := dispatcher.HostReply{FinishReason: a.FinishReason}
	if a.Usage != nil {
		r.PromptTokens, r.CompletionTokens = a.Usage.PromptTokens, a.Usage.CompletionTokens
	}
	switch {
	case a.RetryAfterS != nil && *a.RetryAfterS > 0:
		r.RetryAfter = time.Duration(*a.RetryAfterS * float64(time.Second))
	case a.Text == nil:
		return r, badAnswer("complete", "expected {text: a string}, found no text")
	default:
		r.Text = *a.Text
	}
	return r, nil
}

func embed(ask asker) func(context.Context, []string, string) ([][]float32, error) {
	return func(ctx context.Context, texts []string, purpose string) ([][]float32, error) {
		var raw struct {
			Vectors [][]float32 `json:"vectors"`
		}
		if err := ask(ctx, "embed", object{"texts": nonNil(texts), "purpose": purpose}, &raw); err != nil {
			return nil, err
		}
		if len(raw.Vectors) != len(texts) {
			return nil, badAnswer("embed", fmt.Sprintf("expected %d vectors, one a text, found %d", len(texts), len(raw.Vectors)))
		}
		return raw.Vectors, nil
	}
}

func badAnswer(callback, reason string) error {
	return &api.CallbackError{Callback: callback, Reason: reason}
}
