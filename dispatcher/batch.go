package dispatcher

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonvalue"
)

// Batch APIs take requests in a file and give the replies in another, a day later.
// Here that is the reply cache with a detour: what a job would ask is collected
// instead of sent; and what came back is kept in the cache, where the same job,
// run again, finds it. A job of several steps goes through as many rounds.

// BatchRequest is a chat completion that would have been sent.
type BatchRequest struct {
	ID   string          // names the request and the draw: 64 hex digits
	Body json.RawMessage // as the endpoint would have been sent it
}

type collectKey struct{}

type collector struct {
	endpoint string
	take     func(BatchRequest) error
}

// Collect makes Chat answer from the reply cache, or hand the request to take and
// answer ErrNotCached. endpoint is whose model names and parameters the bodies are
// to have, of those that may serve the request; "" the first. take may be called
// from many goroutines, and more than once with the same request; its error is
// Chat's.
func Collect(ctx context.Context, endpoint string, take func(BatchRequest) error) context.Context {
	return context.WithValue(OnlyCached(ctx), collectKey{}, &collector{endpoint, take})
}

func collectorOf(ctx context.Context) *collector {
	wanted, _ := ctx.Value(collectKey{}).(*collector)
	return wanted
}

func (c *collector) hand(k key, body []byte) error {
	return c.take(BatchRequest{ID: hex.EncodeToString(k[:]), Body: body})
}

// BatchReply is one line of a batch's results, as OpenAI's Batch API and vllm
// run-batch write them.
type BatchReply struct {
	ID       string `json:"custom_id"`
	Response *struct {
		Status int             `json:"status_code"`
		Body   json.RawMessage `json:"body"`
	} `json:"response"`
	Error json.RawMessage `json:"error"`
}

// Keep puts a batch's reply into the cache, under the request that it answers, and
// gives its tokens. An error says why it is of no use: the request failed, or what
// came back cannot be used; the job asks it again.
func (d *Dispatcher) Keep(r BatchReply) (promptTokens, completionTokens int, err error) {
	if d.cache == nil {
		return 0, 0, errors.New("expected a reply cache (cache.path) to keep the replies in, found none")
	}
	raw, err := hex.DecodeString(r.ID)
	if err != nil || len(raw) != len(key{}) {
		return 0, 0, fmt.Errorf("custom_id: expected the 64 hex digits of a request that was exported, found %q", clip.Runes(clip.OneLine(r.ID), 80))
	}
	if r.Response == nil {
		return 0, 0, fmt.Errorf("the request failed: %s", d.secret.Redact(outcome.Words(0, []byte(`{"error":`+orNull(r.Error)+`}`))))
	}
	if r.Response.Status != 0 && r.Response.Status != 200 {
		return 0, 0, fmt.Errorf("the request failed: %s", d.secret.Redact(outcome.Words(r.Response.Status, r.Response.Body)))
	}
	o, err := outcome.OfChatJSON(r.Response.Body)
	if err != nil {
		return 0, 0, errors.New("expected a chat completion as response.body: " + jsonvalue.Fault(err))
	}
	if o.Kind != outcome.Answered {
		return 0, 0, fmt.Errorf("the reply cannot be used: %s", d.secret.Redact(o.Message))
	}
	if err := d.cache.keep(key(raw), entry{Text: o.Answer.Text, Model: o.Answer.Model, FinishReason: o.Answer.Finish}); err != nil {
		return 0, 0, fmt.Errorf("the reply could not be kept in the cache: %w", err)
	}
	return o.Answer.PromptTokens, o.Answer.CompletionTokens, nil
}

func orNull(raw json.RawMessage) string {
	if len(raw) == 0 || !json.Valid(raw) {
		return "null"
	}
	return string(raw)
}
