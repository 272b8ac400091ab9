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
		var raw *api.PersonaAnswer
		if err := ask(ctx, name, api.PersonaCall{ChunkText: chunk, ChunkID: known(id), Trace: trace}, &raw); err != nil {
			return nil, err
		}
		if raw == nil || raw.PersonaDescription == nil {
			return nil, badAnswer(name, "expected {persona_description: a string or null}, found no persona_description")
		}
		r := &api.PersonaResult{Name: raw.Name, Score: raw.Score, Source: "host"}
		if err := json.Unmarshal(raw.PersonaDescription, &r.PersonaDescription); err != nil {
			return nil, badAnswer(name, "persona_description: expected a string or null, found "+api.Brief(raw.PersonaDescription))
		}
		return r, nil
	}
}

func score(ask asker) func(context.Context, string, string, string, string) (int, string, error) {
	return func(ctx context.Context, chunk, persona, gold, query string) (int, string, error) {
		const name = "score"
		var raw api.ScoreAnswer
		if err := ask(ctx, name, api.ScoreCall{ChunkText: chunk, PersonaDescription: persona, GoldQuestion: gold, Query: query}, &raw); err != nil {
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
		params := api.CompleteCall{Messages: nonNil(req.Messages), Role: req.Role, Model: req.Model, Temperature: req.Temperature,
			ResponseFormat: req.ResponseFormat, CallID: callID, Trace: req.Trace}
		if req.MaxTokens > 0 {
			params.MaxTokens = &req.MaxTokens
		}
		var raw api.CompleteAnswer
		if err := ask(ctx, "complete", params, &raw); err != nil {
			return dispatcher.HostReply{}, err
		}
		return completion(raw)
	}
}

func completion(a api.CompleteAnswer) (dispatcher.HostReply, error) {
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
		var raw api.EmbedAnswer
		if err := ask(ctx, "embed", api.EmbedCall{Texts: nonNil(texts), Purpose: purpose}, &raw); err != nil {
			return nil, err
		}
		if len(raw.Vectors) != len(texts) {
			return nil, badAnswer("embed", fmt.Sprintf("expected %d vectors, one a text, found %d", len(texts), len(raw.Vectors)))
		}
		return raw.Vectors, nil
	}
}

// known is the id, nil where it is absent.
func known(id api.ChunkID) *api.ChunkID {
	if id.IsZero() {
		return nil
	}
	return &id
}

func badAnswer(callback, reason string) error {
	return &api.CallbackError{Callback: callback, Reason: reason}
}
