package upstream

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/outcome"
)

// writeBuffer holds a prompt with its demonstrations, so that it goes out in one
// piece.
const writeBuffer = 32 << 10

// Client talks to one endpoint through go-openai, with a connection pool of its
// own. go-openai builds the address and reads replies and errors; the request's
// body is ours, put in by exchanger.Do, because go-openai drops a temperature of
// 0 and empty contents, and refuses, by the model's name, parameters that
// private gateways take.
type Client struct {
	config Config
	api    *openai.Client
	pool   *http.Transport
	secret *Secrets

	mu     sync.Mutex
	quirks map[string]Quirks // by the endpoint's model name
}

// Chat writes the body of a chat completion for a model of the endpoint's, without
// what the model does not take.
type Chat interface {
	Body(model string, q Quirks) ([]byte, error)
}

// NewClient connects to nothing yet. secret is what no message is to hold.
func NewClient(config Config, secret *Secrets) *Client {
	pool := http.DefaultTransport.(*http.Transport).Clone()
	inFlight := config.MaxInFlight + 4
	pool.MaxIdleConns, pool.MaxIdleConnsPerHost = inFlight, inFlight
	pool.ResponseHeaderTimeout = 0 // the attempt's own timeout bounds all of it
	pool.WriteBufferSize = writeBuffer
	c := &Client{config: config, pool: pool, secret: secret, quirks: map[string]Quirks{}}
	c.Over(pool)
	return c
}

// Over makes the client talk over another transport, before its first call.
func (c *Client) Over(transport http.RoundTripper) {
	settings := openai.DefaultConfig(c.config.APIKey)
	settings.BaseURL = c.config.BaseURL
	settings.HTTPClient = exchanger{transport, c.config.Headers}
	c.api = openai.NewClientWithConfig(settings)
}

// Chat asks for a chat completion, and again at once where the model refuses a
// parameter that can be left out.
func (c *Client) Chat(ctx context.Context, model Model, chat Chat) *outcome.Outcome {
	// A refusal names one parameter; each round learns another.
	for q := c.QuirksOf(model.Theirs); ; {
		o := c.chatOnce(ctx, model, chat, q)
		learned := q.learn(o)
		if learned == q {
			return o
		}
		c.setQuirks(model.Theirs, learned)
		q = learned
	}
}

func (c *Client) chatOnce(ctx context.Context, model Model, chat Chat, q Quirks) *outcome.Outcome {
	body, err := chat.Body(model.Theirs, q)
	if err != nil {
		return &outcome.Outcome{Kind: outcome.Rejected, Message: err.Error()}
	}
	x := &exchange{request: body}
	reply, err := c.api.CreateChatCompletion(x.into(ctx), openai.ChatCompletionRequest{Model: "-"})
	o := outcome.OfChat(&reply, x.reply)
	if err != nil || x.redirected() {
		o = x.fault(ctx, err)
	}
	o.Answer.EstimateTokens(len(body))
	return c.finish(o, x, model).BesideRequest(len(body)/4, model.Ours, model.Theirs)
}

// Embed asks for one vector per text.
func (c *Client) Embed(ctx context.Context, model Model, texts []string) *outcome.Outcome {
	body, err := json.Marshal(map[string]any{"model": model.Theirs, "input": texts})
	if err != nil {
		return &outcome.Outcome{Kind: outcome.Rejected, Message: err.Error()}
	}
	x := &exchange{request: body}
	reply, err := c.api.CreateEmbeddings(x.into(ctx), openai.EmbeddingRequest{Input: "-", Model: "-"})
	o := outcome.OfVectors(&reply, len(texts), x.reply)
	if err != nil || x.redirected() {
		o = x.fault(ctx, err)
	}
	if o.Answer.PromptTokens == 0 && o.Kind == outcome.Answered {
		o.Answer.PromptTokens = len(body) / 4
	}
	return c.finish(o, x, model)
}

// finish adds what the headers said, and takes secrets out of what people see.
func (c *Client) finish(o *outcome.Outcome, x *exchange, model Model) *outcome.Outcome {
	o.Hints = limits.ReadHeaders(x.header, time.Now())
	o.Model = model.Ours
	o.Message = c.secret.Redact(o.Message)
	if o.Kind != outcome.Answered && o.Kind != outcome.Unusable {
		o.Answer = outcome.Answer{}
	}
	return o
}

// Probe asks for the list of models; an endpoint that has none is there too.
func (c *Client) Probe(ctx context.Context) *outcome.Outcome {
	x := &exchange{}
	_, err := c.api.ListModels(x.into(ctx))
	o := &outcome.Outcome{}
	if err != nil && x.status >= 300 || err != nil && x.status == 0 {
		o = x.fault(ctx, err)
	}
	if o.Kind == outcome.Rejected || o.Kind == outcome.Missing || o.Kind == outcome.Limited {
		o.Kind = outcome.Answered
	}
	return c.finish(o, x, Model{})
}

// Close lets idle connections go.
func (c *Client) Close() { c.pool.CloseIdleConnections() }

// QuirksOf is what is known of a model, by the endpoint's name.
func (c *Client) QuirksOf(model string) Quirks {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q, ok := c.quirks[model]; ok {
		return q
	}
	return quirksByName(c.config.BaseURL, model)
}

func (c *Client) setQuirks(model string, q Quirks) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quirks[model] = q
}
