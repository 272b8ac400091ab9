package engine

import (
	"context"
	"errors"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/program"
)

// roleLM is a model in a role, for one call: program.LM over the dispatcher.
type roleLM struct {
	disp *dispatcher.Dispatcher
	name string // task, teacher, judge
	role config.Role
	call *call
}

// Complete asks once, with the role's settings where q has none of its own.
func (m *roleLM) Complete(ctx context.Context, q program.Query) (program.Answer, error) {
	temperature := m.role.Temperature
	if q.Temperature != nil {
		temperature = q.Temperature
	}
	reply, err := m.disp.Chat(ctx, dispatcher.Request{
		Role: m.name, Model: m.role.Model, Endpoints: m.role.Endpoints, Messages: messages(q.Messages), Head: headOf(q),
		MaxTokens: m.role.MaxTokens, Temperature: temperature, ResponseFormat: q.ResponseFormat,
		Rollout: q.Rollout, Fresh: q.Fresh || m.call.fresh,
		Priority: m.call.priority, Job: m.call.job, Trace: m.call.trace,
	})
	var refused *dispatcher.ReplyError
	if errors.As(err, &refused) { // no reply to read is a reply that cannot be read: asked again in the same way
		return program.Answer{}, &program.ReplyError{Role: m.name, Predictor: m.name, Reply: refused.Reply, Reason: refused.Reason}
	}
	if err != nil {
		return program.Answer{}, err
	}
	m.call.beat()
	return program.Answer{Text: reply.Text, FinishReason: reply.FinishReason, Model: reply.Model, Endpoint: reply.Endpoint}, nil
}

// model is the LM of a role with its layout. It is an error only if nobody
// could serve it: no model is named and the host offers no `complete`.
func (e *Engine) model(c *call, name string) (program.Model, error) {
	role, _ := e.cfg.Role(name)
	return e.modelOf(c, name, role)
}

func (e *Engine) modelOf(c *call, name string, role config.Role) (program.Model, error) {
	if role.Model == "" && e.host.Complete == nil {
		return program.Model{}, &api.ParamError{Param: "config lm." + name + ".model", Expected: "a model's name (or a host that offers complete)", Found: "none"}
	}
	lm := &roleLM{disp: e.disp, name: name, role: role, call: c}
	return program.Model{LM: lm, Layout: program.Layout(role.Layout), Role: name}, nil
}

// hostComplete bounds the host's own LLM function by limits.host_callback_s.
func (e *Engine) hostComplete(ctx context.Context, req dispatcher.Request, callID string) (dispatcher.HostReply, error) {
	ctx, cancel := e.callbackContext(ctx)
	defer cancel()
	reply, err := e.host.Complete(ctx, req, callID)
	return reply, e.callbackFault(ctx, "complete", err)
}

// headOf writes a predictor's head once, however often it is asked.
func headOf(q program.Query) *dispatcher.Head {
	if q.Head == nil {
		return nil
	}
	head, _ := q.Head.Made(func(m []program.Message) any { return dispatcher.NewHead(messages(m)) }).(*dispatcher.Head)
	return head
}

func messages(in []program.Message) []dispatcher.Message {
	out := make([]dispatcher.Message, len(in))
	for i, m := range in {
		out[i] = dispatcher.Message(m)
	}
	return out
}

// drawTemperature: another draw of a prompt keeps the task role's temperature,
// unless that is 0, where every draw would be the same. nil is the role's own.
func (e *Engine) drawTemperature(rollout int) *float64 {
	t := e.cfg.TaskRole().Temperature
	if rollout == 0 || t != nil && *t > 0 {
		return nil
	}
	warm := 1.0
	return &warm
}
