package dispatcher

import (
	"context"
	"strings"
	"time"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/schedule"
	"qgen-sidecar/dispatcher/upstream"
)

// backend sends one attempt to one endpoint and classifies what came back. It
// neither waits nor repeats. Tests put their own in.
type backend interface {
	chat(ctx context.Context, c *chatCall) *outcome.Outcome
	embed(ctx context.Context, model string, texts []string) *outcome.Outcome
}

// endpoint is how one endpoint is reached, what it calls a model, and what it costs.
// Its state is the scheduler's, which holds it as the Value of its own.
type endpoint struct {
	config  Endpoint
	address string // what replies are kept under
	backend backend
}

// newEndpoint fills in what the config leaves open.
func newEndpoint(config Endpoint) *endpoint {
	if config.MaxInFlight <= 0 {
		config.MaxInFlight = 32
	}
	if config.Timeout <= 0 {
		config.Timeout = time.Minute
	}
	return &endpoint{config: config}
}

// newRemote is an endpoint with an address.
func newRemote(config Endpoint, secret *upstream.Secrets) *endpoint {
	e := newEndpoint(config)
	e.address = strings.TrimRight(config.BaseURL, "/")
	e.backend = remote{upstream.NewClient(reached(e.config), secret), e}
	return e
}

// reached is what HTTP needs to know of an endpoint.
func reached(c Endpoint) upstream.Config {
	return upstream.Config{BaseURL: c.BaseURL, APIKey: c.APIKey, Headers: c.Headers, MaxInFlight: c.MaxInFlight}
}

// scheduled is the scheduler's endpoint for this one. found are limits that were
// found earlier, dead says why its key is missing.
func (e *endpoint) scheduled(secret *upstream.Secrets, found []limits.Finding, dead string) *schedule.Endpoint {
	return schedule.NewEndpoint(schedule.Config{
		Config:      limits.Config{Name: e.config.Name, Address: secret.Redact(e.address), RPM: e.config.RPM, TPM: e.config.TPM},
		MaxInFlight: e.config.MaxInFlight, Host: e.config.Name == HostName, Dead: dead, Value: e,
	}, found)
}

// at is the endpoint that a target stands for.
func at(t schedule.Target) *endpoint { return t.Value.(*endpoint) }

// model is the endpoint's own name for ours.
func (e *endpoint) model(ours string) string {
	if theirs, ok := e.config.Models[ours]; ok {
		return theirs
	}
	return ours
}

// sameModelAs reports whether two endpoints are keys of one API.
func (e *endpoint) sameModelAs(other *endpoint, model string) bool {
	return e.address == other.address && e.model(model) == other.model(model)
}

// spendOf is what an outcome cost.
func (e *endpoint) spendOf(o *outcome.Outcome) spend {
	if !o.Sent {
		return spend{}
	}
	s := spend{calls: 1, promptTokens: o.Answer.PromptTokens, completionTokens: o.Answer.CompletionTokens}
	usd, known := e.config.price(s.promptTokens, s.completionTokens)
	s.usd, s.unpriced = usd, !known
	return s
}

// remote is the backend of an endpoint with an address.
type remote struct {
	*upstream.Client
	of *endpoint
}

func (r remote) chat(ctx context.Context, c *chatCall) *outcome.Outcome {
	return r.Chat(ctx, r.model(c.req.Model), c)
}

func (r remote) embed(ctx context.Context, model string, texts []string) *outcome.Outcome {
	return r.Embed(ctx, r.model(model), texts)
}

func (r remote) model(ours string) upstream.Model {
	return upstream.Model{Ours: ours, Theirs: r.of.model(ours)}
}
