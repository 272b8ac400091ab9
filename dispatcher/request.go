package dispatcher

import (
	"bytes"
	"encoding/json"
	"fmt"

	"qgen-sidecar/dispatcher/upstream"
)

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
	raw, err := c.write(model, upstream.Quirks{})
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

// Body implements upstream.Chat: what the endpoint's model is sent.
func (c *chatCall) Body(model string, q upstream.Quirks) ([]byte, error) {
	if raw := c.prepared(model); raw != nil && q == (upstream.Quirks{}) {
		return raw, nil
	}
	return c.write(model, q)
}

func (c *chatCall) write(model string, q upstream.Quirks) ([]byte, error) {
	head := c.req.Head
	if head == nil {
		head = &Head{}
	}
	b := chatBody{Model: model, Messages: c.req.Messages[head.count:], ResponseFormat: c.req.ResponseFormat}
	if b.Messages == nil {
		b.Messages = []Message{}
	}
	if q.CompletionTokens {
		b.MaxCompletionTokens = max(0, c.req.MaxTokens)
	} else {
		b.MaxTokens = max(0, c.req.MaxTokens)
	}
	if !q.FixedTemperature {
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
