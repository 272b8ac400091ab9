package dispatcher

import (
	"context"
	"time"

	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/upstream"
)

// hostTimeout bounds a host's function that no config bounds.
const hostTimeout = 10 * time.Minute

// hostBackend calls the host's function.
type hostBackend struct {
	complete HostComplete
	secret   *upstream.Secrets
}

func (h hostBackend) chat(ctx context.Context, call *chatCall) *outcome.Outcome {
	reply, err := h.complete(ctx, call.req, call.id)
	o := outcome.OfHost(ctx, outcome.Answer{Text: reply.Text, Finish: reply.FinishReason,
		PromptTokens: reply.PromptTokens, CompletionTokens: reply.CompletionTokens}, reply.RetryAfter, err)
	if o.Kind == outcome.Answered || o.Kind == outcome.Unusable {
		o.Answer.Model = call.req.Model
		if o.Answer.Finish == "" {
			o.Answer.Finish = "stop"
		}
		sent := 0
		for _, m := range call.req.Messages {
			sent += len(m.Content)
		}
		o.Answer.EstimateTokens(sent)
	}
	o.Message = h.secret.Redact(o.Message)
	return o
}

func (h hostBackend) embed(context.Context, string, []string) *outcome.Outcome {
	return &outcome.Outcome{Kind: outcome.Rejected, Message: "the host's complete function makes no embeddings"}
}

// SetHost adds (or replaces) the endpoint named "host", with the limits of
// Config.Host. What they leave open is learned as for any other.
func (d *Dispatcher) SetHost(complete HostComplete) {
	config := d.host
	if config.Name = HostName; config.Timeout <= 0 {
		config.Timeout = hostTimeout
	}
	e := newEndpoint(config)
	e.address, e.backend = HostName, hostBackend{complete, d.secret}
	d.scheduler.SetHost(e.scheduled(d.secret, nil, ""))
}
