package dispatcher

import (
	"context"
	"time"
)

// HostName is the endpoint that stands for the host's own LLM function.
const HostName = "host"

// hostTimeout bounds a host's function that no config bounds.
const hostTimeout = 10 * time.Minute

// hostBackend calls the host's function.
type hostBackend struct {
	complete HostComplete
	secret   *secrets
}

func (h hostBackend) chat(ctx context.Context, call *chatCall) *outcome {
	reply, err := h.complete(ctx, call.req, call.id)
	o := classifyHost(ctx, reply, err)
	if o.kind == answered || o.kind == unusable {
		o.answer.model = call.req.Model
		if o.answer.finish == "" {
			o.answer.finish = "stop"
		}
		sent := 0
		for _, m := range call.req.Messages {
			sent += len(m.Content)
		}
		o.answer.estimateTokens(sent)
	}
	o.message = h.secret.redact(o.message)
	return o
}

func (h hostBackend) embed(context.Context, string, []string) *outcome {
	return &outcome{kind: rejected, message: "the host's complete function makes no embeddings"}
}

// SetHost adds (or replaces) the endpoint named "host", with the limits of
// Config.Host. What they leave open is learned as for any other.
func (d *Dispatcher) SetHost(complete HostComplete) {
	config := d.host
	if config.Name = HostName; config.Timeout <= 0 {
		config.Timeout = hostTimeout
	}
	e := newEndpoint(config)
	e.isHost, e.address = true, HostName
	e.backend = hostBackend{complete, d.secret}
	d.scheduler.setHost(e)
}

func (s *scheduler) setHost(host *endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []*endpoint
	for _, e := range s.endpoints {
		if !e.isHost {
			kept = append(kept, e)
		}
	}
	s.endpoints = append(kept, host)
}
