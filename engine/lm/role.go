package lm

import (
	"context"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/program"
)

// roleLM is a model in a role, for one call: program.LM over the dispatcher.
type roleLM struct {
	disp *dispatcher.Dispatcher
	name string // task, teacher, judge
	role config.Role
	call *Call
}

// Complete asks once, with the role's settings where q has none of its own.
func (m *roleLM) Complete(ctx context.Context, q program.Query) (program.Answer, error) {
	temperature := m.role.Temperature
	if q.Temperature != nil {
		temperature = q.Temperature
	}
	reply, err := m.disp.Chat(ctx, dispatcher.Request{
		Role: m.name, Model: m.role.Model, Endpoints: m.role.Endpoints, Messages: Messages(q.Messages), Head: headOf(q),
		MaxTokens: m.role.MaxTokens, Temperature: temperature, ResponseFormat: q.ResponseFormat,
		Rollout: q.Rollout, Fresh: q.Fresh || m.call.Fresh,
		Priority: m.call.priority, Job: m.call.job, Trace: m.call.Trace,
	})
	// A *ReplyError, that there is no reply to read, is for program a reply that cannot
	// be read: it is asked again in the same way.
	if err != nil {
		return program.Answer{}, err
	}
	m.call.beat()
	return program.Answer{Text: reply.Text, FinishReason: reply.FinishReason, Model: reply.Model, Endpoint: reply.Endpoint}, nil
}

// headOf writes a predictor's head once, however often it is asked.
func headOf(q program.Query) *dispatcher.Head {
	if q.Head == nil {
		return nil
	}
	head, _ := q.Head.Made(func(m []program.Message) any { return dispatcher.NewHead(Messages(m)) }).(*dispatcher.Head)
	return head
}

func Messages(in []program.Message) []dispatcher.Message {
	out := make([]dispatcher.Message, len(in))
	for i, m := range in {
		out[i] = dispatcher.Message(m)
	}
	return out
}
