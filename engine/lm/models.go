package lm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/clip"
)

// Begin opens a call of the named method, and gives the context that everything
// under it runs with: with the call's timeout and account. The caller defers
// [Call.End] and sends every error through [Call.Fault].
func (m *Models) Begin(ctx context.Context, method string, p api.Call, priority dispatcher.Priority, b *dispatcher.Budget) (context.Context, *Call, error) {
	c := &Call{priority: priority, Fresh: p.Fresh, Trace: p.Trace, Start: time.Now(), report: api.Reporter(ctx), cancel: func() {}}
	c.job = fmt.Sprintf("%s-%d", method, m.jobs.Add(1))
	if p.TimeoutS != nil && *p.TimeoutS <= 0 {
		return nil, nil, &api.ParamError{Param: "timeout_s", Expected: "more than 0 seconds", Found: fmt.Sprint(*p.TimeoutS)}
	}
	if b != nil {
		if b.MaxCalls < 0 || b.MaxTokens < 0 || b.MaxUSD < 0 {
			return nil, nil, &api.ParamError{Param: "budget", Expected: "limits of at least 0", Found: fmt.Sprintf("%+v", *b)}
		}
		c.budget = *b
	}
	if p.TimeoutS != nil {
		ctx, c.cancel = context.WithTimeoutCause(ctx, Seconds(*p.TimeoutS), &api.TimeoutError{Seconds: *p.TimeoutS})
	}
	ctx, c.account = dispatcher.WithAccount(ctx, c.budget)
	if p.Trace != "" {
		m.log.Debug("call", "method", method, "job", c.job, "trace", p.Trace)
	}
	return ctx, c, nil
}

// CallbackContext bounds a call to the host. Its cause tells this bound from
// the call's own end.
func (m *Models) CallbackContext(ctx context.Context) (context.Context, context.CancelFunc) {
	s := m.cfg.Limits.HostCallbackS
	return context.WithTimeoutCause(ctx, Seconds(s), slowHost(s))
}

// CallbackFault gives every fault of a callback one type. The end of the call
// itself is no fault of the host's.
func (m *Models) CallbackFault(ctx context.Context, name string, err error) error {
	if err == nil {
		return nil
	}
	var known *api.CallbackError
	var slow slowHost
	switch {
	case errors.As(context.Cause(ctx), &slow):
		return &api.CallbackError{Callback: name, Reason: slow.Error()}
	case ctx.Err() != nil, errors.As(err, &known):
		return err
	}
	return &api.CallbackError{Callback: name, Reason: err.Error()}
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

// CanEmbed: the host offers embed, or lm.embed is configured.
func (m *Models) CanEmbed() bool { return m.host.Embed != nil || m.cfg.LM.Embed != nil }

// Embed gives one vector per text, by the host's own function if it offers one
// (its vectors are what the application searches with), else by lm.embed.
func (m *Models) Embed(ctx context.Context, c *Call, texts []string, purpose string) ([][]float32, error) {
	if m.host.Embed != nil {
		return m.hostEmbed(ctx, texts, purpose)
	}
	model := m.cfg.LM.Embed
	if model == nil {
		return nil, NeedEmbed("config lm.embed", "to embed with")
	}
	reply, err := m.disp.Embed(ctx, dispatcher.EmbedRequest{Model: model.Model, Endpoints: model.Endpoints, Texts: texts,
		Fresh: c.Fresh, Priority: c.priority, Job: c.job, Trace: c.Trace})
	return reply.Vectors, err
}

func (m *Models) hostEmbed(ctx context.Context, texts []string, purpose string) ([][]float32, error) {
	ctx, cancel := m.CallbackContext(ctx)
	defer cancel()
	vectors, err := m.host.Embed(ctx, texts, purpose)
	if err == nil {
		err = checkVectors(vectors, len(texts), m.host.EmbedDim)
		if err != nil && m.host.EmbedModel != "" {
			err = fmt.Errorf("%w (the host declared model %q)", err, m.host.EmbedModel)
		}
	}
	return vectors, m.CallbackFault(ctx, "embed", err)
}

// Models are the models behind their roles, for every call of the engine.
type Models struct {
	cfg  *config.Config
	log  hclog.Logger
	host Host
	disp *dispatcher.Dispatcher

	jobs atomic.Int64 // numbers calls, for the dispatcher's fairness
}

// New serves the roles of the config over a dispatcher, with what the host
// offers: its own complete becomes one of the dispatcher's endpoints.
func New(cfg *config.Config, log hclog.Logger, host Host, disp *dispatcher.Dispatcher) *Models {
	m := &Models{cfg: cfg, log: log, host: host, disp: disp}
	if host.Complete != nil {
		disp.SetHost(m.hostComplete)
	}
	return m
}

// Model is the LM of a role with its layout. It is an error only if nobody
// could serve it: no model is named and the host offers no `complete`.
func (m *Models) Model(c *Call, name string) (program.Model, error) {
	role, _ := m.cfg.Role(name)
	return m.ModelOf(c, name, role)
}

func (m *Models) ModelOf(c *Call, name string, role config.Role) (program.Model, error) {
	if role.Model == "" && m.host.Complete == nil {
		return program.Model{}, &api.ParamError{Param: "config lm." + name + ".model", Expected: "a model's name (or a host that offers complete)", Found: "none"}
	}
	lm := &roleLM{disp: m.disp, name: name, role: role, call: c}
	return program.Model{LM: lm, Layout: program.Layout(role.Layout), Role: name}, nil
}

// hostComplete bounds the host's own LLM function by limits.host_callback_s.
func (m *Models) hostComplete(ctx context.Context, req dispatcher.Request, callID string) (dispatcher.HostReply, error) {
	ctx, cancel := m.CallbackContext(ctx)
	defer cancel()
	reply, err := m.host.Complete(ctx, req, callID)
	return reply, m.CallbackFault(ctx, "complete", err)
}

// Serving are the endpoints that a role's calls may go to, the host's own function
// among them.
func (m *Models) Serving(role config.Role) []config.Endpoint {
	all := m.cfg.Remote()
	if m.host.Complete != nil {
		all = append(all, m.cfg.HostLimits())
	}
	return slices.DeleteFunc(all, func(ep config.Endpoint) bool {
		return len(role.Endpoints) > 0 && !slices.Contains(role.Endpoints, ep.Name)
	})
}

// SlowestS is how many seconds a call to an endpoint takes at the most: 95 in a
// hundred took less so far, else its timeout.
func (m *Models) SlowestS(ep config.Endpoint) float64 {
	for _, s := range m.disp.Status() {
		if s.Name == ep.Name && s.P95MS > 0 {
			return s.P95MS / 1000
		}
	}
	return ep.TimeoutS
}

// Capacity is how many calls of all roles may be in flight at once.
func (m *Models) Capacity() int {
	return m.disp.Capacity(m.cfg.TaskRole().Endpoints, m.cfg.TeacherRole().Endpoints, m.cfg.JudgeRole().Endpoints)
}

// KeepReply puts a reply of a batch into the reply cache and gives its tokens.
func (m *Models) KeepReply(reply dispatcher.BatchReply) (prompt, completion int, err error) {
	return m.disp.Keep(reply)
}

// DrawTemperature: another draw of a prompt keeps the task role's temperature,
// unless that is 0, where every draw would be the same. nil is the role's own.
func (m *Models) DrawTemperature(rollout int) *float64 {
	t := m.cfg.TaskRole().Temperature
	if rollout == 0 || t != nil && *t > 0 {
		return nil
	}
	warm := 1.0
	return &warm
}
