package dispatcher

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// backend sends one attempt to one endpoint and classifies what came back. It
// neither waits nor repeats. Tests put their own in.
type backend interface {
	chat(ctx context.Context, c *chatCall) *outcome
	embed(ctx context.Context, model string, texts []string) *outcome
}

// chatCall is a chat completion as every endpoint is asked it.
type chatCall struct {
	req    Request
	id     string // for hosts and logs
	bodies []modelBody
}

// modelBody is the JSON of a chat for one model's name.
type modelBody struct {
	model string
	raw   []byte
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
	denied         // its key was refused: dead, once that is certain
	abandoned      // the caller left
)

// outcome of an attempt. message is for people and holds no secret.
type outcome struct {
	kind    kind
	answer  answer
	message string
	status  int  // of an HTTP error; else 0
	certain bool // of denied: the server's words mean the key, whoever asks
	hints   hints
	model   string // of missing
	sent    bool   // the endpoint took the call: it counts, and may have cost
}

// chatBody is the JSON of a chat completion. Its bytes are hashed for the cache:
// the order of its fields is to stay.
type chatBody struct {
	MaxCompletionTokens int             `json:"max_completion_tokens,omitempty"`
	MaxTokens           int             `json:"max_tokens,omitempty"`
	Messages            []Message       `json:"messages"`
	Model               string          `json:"model"`
	ResponseFormat      json.RawMessage `json:"response_format,omitempty"`
	Temperature         *float64        `json:"temperature,omitempty"`
}

// prepare makes the body for an endpoint's model: the same bytes for the cache's
// key and for the wire. Not to be called once the call is under way.
func (c *chatCall) prepare(model string) ([]byte, error) {
	if raw := c.prepared(model); raw != nil {
		return raw, nil
	}
	raw, err := c.write(model, quirks{})
	c.bodies = append(c.bodies, modelBody{model, raw})
	return raw, err
}

// prepared is the body that prepare made; nil if it did not.
func (c *chatCall) prepared(model string) []byte {
	for _, b := range c.bodies {
		if b.model == model {
			return b.raw
		}
	}
	return nil
}

// body is what the endpoint's model is sent.
func (c *chatCall) body(model string, q quirks) ([]byte, error) {
	if raw := c.prepared(model); raw != nil && q == (quirks{}) {
		return raw, nil
	}
	return c.write(model, q)
}

func (c *chatCall) write(model string, q quirks) ([]byte, error) {
	head := c.req.Head
	if head == nil {
		head = &Head{}
	}
	b := chatBody{Model: model, Messages: c.req.Messages[head.count:], ResponseFormat: c.req.ResponseFormat}
	if b.Messages == nil {
		b.Messages = []Message{}
	}
	if q.completionTokens {
		b.MaxCompletionTokens = max(0, c.req.MaxTokens)
	} else {
		b.MaxTokens = max(0, c.req.MaxTokens)
	}
	if !q.fixedTemperature {
		b.Temperature = c.req.Temperature
	}
	raw, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("the request cannot be written as JSON (is response_format a JSON object?): %w", err)
	}
	return withFields(head.before(raw), c.req.extra)
}

// before puts the head's messages before those of a request's JSON.
func (h *Head) before(body []byte) []byte {
	if h.count == 0 {
		return body
	}
	at := bytes.Index(body, messagesOpen) + len(messagesOpen) // the first: only numbers stand before
	out := make([]byte, 0, len(body)+len(h.json)+1)
	out = append(append(out, body[:at]...), h.json...)
	if body[at] != ']' {
		out = append(out, ',')
	}
	return append(out, body[at:]...)
}

var messagesOpen = []byte(`"messages":[`)

// withFields adds members to a JSON object.
func withFields(object []byte, extra map[string]json.RawMessage) ([]byte, error) {
	if len(extra) == 0 {
		return object, nil
	}
	more, err := json.Marshal(extra)
	if err != nil {
		return nil, err
	}
	return append(append(object[:len(object)-1], ','), more[1:]...), nil
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
