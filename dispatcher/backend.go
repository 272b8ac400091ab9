package dispatcher

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// backend sends one attempt to one endpoint and classifies what came back. It
// neither waits nor repeats. Tests put their own in.
type backend interface {
	chat(ctx context.Context, c *chatCall) outcome
	embed(ctx context.Context, model string, texts []string) outcome
}

// chatCall is a chat completion as every endpoint is asked it.
type chatCall struct {
	req Request
	id  string // for hosts and logs
}

// answer is what an endpoint said.
type answer struct {
	text, model, finish            string
	vectors                        [][]float32
	promptTokens, completionTokens int
}

// kind is what became of an attempt.
type kind int

const (
	answered  kind = iota
	limited        // 429: come back later; not a failure
	failed         // the endpoint did not manage: another may, and it may later
	unusable       // it answered, but nothing to use
	rejected       // it will never take this request
	missing        // it does not have this model
	denied         // its key is no good: the endpoint is dead
	abandoned      // the caller left
)

// outcome of an attempt. message is for people and holds no secret.
type outcome struct {
	kind    kind
	answer  answer
	message string
	hints   hints
	model   string // of missing
	sent    bool   // the endpoint took the call: it counts, and may have cost
}

// body is the JSON of a chat completion for an endpoint's model, the same bytes
// for the cache's key and for the wire.
func (c *chatCall) body(model string, q quirks) ([]byte, error) {
	fields := map[string]any{"model": model, "messages": messagesOf(c.req)}
	if c.req.MaxTokens > 0 {
		name := "max_tokens"
		if q.completionTokens {
			name = "max_completion_tokens"
		}
		fields[name] = c.req.MaxTokens
	}
	if c.req.Temperature != nil && !q.fixedTemperature {
		fields["temperature"] = *c.req.Temperature
	}
	if len(c.req.ResponseFormat) > 0 {
		fields["response_format"] = c.req.ResponseFormat
	}
	for name, value := range c.req.extra {
		fields[name] = value
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("the request cannot be written as JSON (is response_format a JSON object?): %w", err)
	}
	return raw, nil
}

func messagesOf(r Request) any {
	if r.Messages == nil {
		return []Message{}
	}
	return r.Messages
}

// tokens estimates what a call will be counted as: four bytes a token, and all
// that it may write.
func (c *chatCall) tokens() int {
	n := 0
	for _, m := range c.req.Messages {
		n += len(m.Content)/4 + 4
	}
	if c.req.MaxTokens > 0 {
		return n + c.req.MaxTokens
	}
	return n + 256
}

// estimateTokens fills in usage that an endpoint did not tell.
func (a *answer) estimateTokens(sent int) {
	if a.promptTokens == 0 && a.completionTokens == 0 {
		a.promptTokens, a.completionTokens = (sent+3)/4, (len(a.text)+3)/4
	}
}

// attemptTimeout ends ctx after d with a cause that says so.
func attemptTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, errAttemptTimeout)
}
