package lm

import (
	"context"
	"fmt"
	"slices"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/clip"
)

// turns are the messages, or the prompt as the only one.
func turns(p api.LMCompleteParams) ([]dispatcher.Message, error) {
	if (p.Prompt == "") == (len(p.Messages) == 0) {
		found := "neither"
		if p.Prompt != "" {
			found = "both"
		}
		return nil, &api.ParamError{Param: "prompt", Expected: "exactly one of prompt and messages", Found: found}
	}
	if p.Prompt != "" {
		return []dispatcher.Message{{Role: "user", Content: p.Prompt}}, nil
	}
	for i, m := range p.Messages {
		if !slices.Contains([]string{"system", "developer", "user", "assistant", "tool"}, m.Role) {
			return nil, &api.ParamError{Param: fmt.Sprintf("messages[%d].role", i), Expected: "system, user or assistant", Found: clip.Runes(m.Role, 200)}
		}
	}
	return p.Messages, nil
}

// LMComplete is one model call through the dispatcher, for the host's own use.
func (m *Models) LMComplete(ctx context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
	ctx, c, err := m.Begin(ctx, "lm-complete", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.End()
	request, err := m.completeRequest(c, p)
	if err != nil {
		return nil, err
	}
	reply, err := m.disp.Chat(ctx, request)
	if err != nil {
		return nil, c.Fault(ctx, err)
	}
	return &api.LMCompleteResult{Text: reply.Text, Endpoint: reply.Endpoint, Model: reply.Model, FinishReason: reply.FinishReason, Usage: c.Usage()}, nil
}

// completeRequest takes the role's settings where the call names none.
func (m *Models) completeRequest(c *Call, p api.LMCompleteParams) (dispatcher.Request, error) {
	if p.Role == "" {
		p.Role = "task"
	}
	role, known := m.cfg.Role(p.Role)
	if !known {
		return dispatcher.Request{}, &api.ParamError{Param: "role", Expected: "task, teacher or judge", Found: clip.Runes(p.Role, 200)}
	}
	turns, err := turns(p)
	if err != nil {
		return dispatcher.Request{}, err
	}
	if p.Model != "" {
		role.Model = p.Model
	}
	if role.Model == "" && m.host.Complete == nil {
		return dispatcher.Request{}, &api.ParamError{Param: "model", Expected: "a model's name, here or in [lm." + p.Role + "]", Found: "none"}
	}
	if role.MaxTokens, err = api.IntParam("max_tokens", p.MaxTokens, role.MaxTokens, 1, api.AnyNumber); err != nil {
		return dispatcher.Request{}, err
	}
	if t := p.Temperature; t != nil {
		if *t < 0 || *t > 2 {
			return dispatcher.Request{}, &api.ParamError{Param: "temperature", Expected: "a number from 0 to 2", Found: fmt.Sprint(*t)}
		}
		role.Temperature = t
	}
	return dispatcher.Request{Role: p.Role, Model: role.Model, Endpoints: role.Endpoints, Messages: turns, MaxTokens: role.MaxTokens,
		Temperature: role.Temperature, ResponseFormat: p.ResponseFormat, Fresh: c.Fresh, Priority: c.priority, Job: c.job, Trace: c.Trace}, nil
}
