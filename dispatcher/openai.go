package dispatcher

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
)

// maxReply bounds a reply's body; a longer one is a failure.
const maxReply = 64 << 20

// writeBuffer holds a prompt with its demonstrations, so that it goes out in one
// piece.
const writeBuffer = 32 << 10

// client talks to one endpoint through go-openai, with a connection pool of its
// own. go-openai builds the address and reads replies and errors; the request's
// body is ours, put in by exchanger.Do, because go-openai drops a temperature of
// 0 and empty contents, and refuses, by the model's name, parameters that
// private gateways take.
type client struct {
	config Endpoint
	api    *openai.Client
	pool   *http.Transport
	secret *secrets

	mu     sync.Mutex
	quirks map[string]quirks // by the endpoint's model name
}

// quirks are what a model does not take, learned from its refusals.
type quirks struct {
	completionTokens bool // max_completion_tokens in the place of max_tokens
	fixedTemperature bool
}

func newClient(config Endpoint, secret *secrets) *client {
	pool := http.DefaultTransport.(*http.Transport).Clone()
	inFlight := config.MaxInFlight + 4
	pool.MaxIdleConns, pool.MaxIdleConnsPerHost = inFlight, inFlight
	pool.ResponseHeaderTimeout = 0 // the attempt's own timeout bounds all of it
	pool.WriteBufferSize = writeBuffer
	c := &client{config: config, pool: pool, secret: secret, quirks: map[string]quirks{}}
	c.over(pool)
	return c
}

// over makes the API's client over a transport.
func (c *client) over(transport http.RoundTripper) {
	settings := openai.DefaultConfig(c.config.APIKey)
	settings.BaseURL = c.config.BaseURL
	settings.HTTPClient = exchanger{transport, c.config.Headers}
	c.api = openai.NewClientWithConfig(settings)
}

func (c *client) chat(ctx context.Context, call *chatCall) *outcome {
	model := modelAt(c.config, call.req.Model)
	// A refusal names one parameter; each round learns another.
	for q := c.quirksOf(model); ; {
		o := c.chatOnce(ctx, call, model, q)
		learned := q.learn(o)
		if learned == q {
			return o
		}
		c.setQuirks(model, learned)
		q = learned
	}
}

func (c *client) chatOnce(ctx context.Context, call *chatCall, model string, q quirks) *outcome {
	body, err := call.body(model, q)
	if err != nil {
		return &outcome{kind: rejected, message: err.Error()}
	}
	x := &exchange{request: body}
	reply, err := c.api.CreateChatCompletion(x.into(ctx), openai.ChatCompletionRequest{Model: "-"})
	o := classifyReply(&reply, x.reply)
	if err != nil || x.redirected() {
		o = x.classify(ctx, err)
	}
	o.answer.estimateTokens(len(body))
	return c.finish(o, x, call.req.Model).ofRequest(len(body)/4, call.req.Model, model)
}

// ofRequest looks once more at a refusal beside the request that was refused, which
// is of so many tokens, nearly.
func (o *outcome) ofRequest(tokens int, models ...string) *outcome {
	for _, model := range models {
		if o.kind == denied && !o.certain && names(o.message, model) {
			o.kind = missing // refused for this model; the key is good for others
		}
	}
	// Some say what a minute has, and not what was asked. The estimate may be a fifth
	// too high.
	if m := perMinute.FindStringSubmatch(o.message); o.kind == limited && m != nil && tokens > number(m[1])*5/4 {
		o.kind = rejected
		o.message += fmt.Sprintf(" (this one request has about %d tokens: no waiting cures that)", tokens)
	}
	return o
}

// names reports whether a message holds a model's name as a word.
func names(message, model string) bool {
	if len(model) < 3 {
		return false // too short to be told from other words
	}
	message, model = strings.ToLower(message), strings.ToLower(model)
	for rest := message; ; {
		before, after, found := strings.Cut(rest, model)
		if !found {
			return false
		}
		if !goesOn(before, after) {
			return true
		}
		rest = after
	}
}

// goesOn reports whether a name is part of a longer one: gpt-4 of gpt-4.1, openai of
// platform.openai.com.
func goesOn(before, after string) bool {
	next := firstRune(after)
	if next == '.' || next == '/' {
		next = firstRune(after[1:])
	}
	last := lastRune(before)
	if last == '.' {
		last = lastRune(before[:len(before)-1])
	}
	return inWord(last) || inWord(next)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' }

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func lastRune(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }

func (c *client) embed(ctx context.Context, model string, texts []string) *outcome {
	body, err := json.Marshal(map[string]any{"model": modelAt(c.config, model), "input": texts})
	if err != nil {
		return &outcome{kind: rejected, message: err.Error()}
	}
	x := &exchange{request: body}
	reply, err := c.api.CreateEmbeddings(x.into(ctx), openai.EmbeddingRequest{Input: "-", Model: "-"})
	o := classifyVectors(&reply, len(texts), x.reply)
	if err != nil || x.redirected() {
		o = x.classify(ctx, err)
	}
	if o.answer.promptTokens == 0 && o.kind == answered {
		o.answer.promptTokens = len(body) / 4
	}
	return c.finish(o, x, model)
}

// finish adds what the headers said, and takes secrets out of what people see.
func (c *client) finish(o *outcome, x *exchange, model string) *outcome {
	o.hints = readHints(x.header, time.Now())
	o.model = model
	o.message = c.secret.redact(o.message)
	if o.kind != answered && o.kind != unusable {
		o.answer = answer{}
	}
	return o
}

// probe asks for the list of models; an endpoint that has none is there too.
func (c *client) probe(ctx context.Context) *outcome {
	x := &exchange{}
	_, err := c.api.ListModels(x.into(ctx))
	o := &outcome{}
	if err != nil && x.status >= 300 || err != nil && x.status == 0 {
		o = x.classify(ctx, err)
	}
	if o.kind == rejected || o.kind == missing || o.kind == limited {
		o.kind = answered
	}
	return c.finish(o, x, "")
}

func (c *client) close() { c.pool.CloseIdleConnections() }

func (c *client) quirksOf(model string) quirks {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q, ok := c.quirks[model]; ok {
		return q
	}
	return quirksByName(c.config.BaseURL, model)
}

func (c *client) setQuirks(model string, q quirks) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quirks[model] = q
}

// quirksByName: OpenAI's own reasoning models. Elsewhere a name proves nothing.
func quirksByName(baseURL, model string) quirks {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() != "api.openai.com" {
		return quirks{}
	}
	for _, prefix := range []string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(model, prefix) {
			return quirks{completionTokens: true, fixedTemperature: true}
		}
	}
	return quirks{}
}

// learn reads a refusal of a parameter; such a refusal is free.
func (q quirks) learn(o *outcome) quirks {
	if o.kind != rejected || o.status != http.StatusBadRequest && o.status != http.StatusUnprocessableEntity {
		return q
	}
	if strings.Contains(o.message, "max_completion_tokens") {
		q.completionTokens = true
	}
	if strings.Contains(o.message, "temperature") && strings.Contains(strings.ToLower(o.message), "support") {
		q.fixedTemperature = true
	}
	return q
}

func modelAt(config Endpoint, ours string) string {
	if theirs, ok := config.Models[ours]; ok {
		return theirs
	}
	return ours
}

// exchange carries one request's body to the transport, and back what go-openai
// does not hand out: headers and status, also of errors, and the reply's body.
type exchange struct {
	request []byte // in the place of go-openai's; nil: as it is
	header  http.Header
	status  int
	reply   []byte // as far as it came
}

type exchangeKey struct{}

func (x *exchange) into(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func (x *exchange) redirected() bool { return x.status >= 300 && x.status < 400 }

func (x *exchange) classify(ctx context.Context, err error) *outcome {
	switch {
	case x.redirected():
		return classifyFault(fault{status: x.status, message: "redirect to " + x.header.Get("Location")})
	case x.status >= 400 && ctx.Err() == nil:
		// The status says what it is, whatever the body: go-openai loses it where the
		// body has another shape than OpenAI's.
		return classifyFault(faultOf(x.status, x.reply))
	}
	return classifyTransport(ctx, err, x.reply)
}

// exchanger is the HTTP client under every go-openai client. It calls the
// transport itself: http.Client would add redirects, with which keys and bodies
// would go to another address.
type exchanger struct {
	transport http.RoundTripper
	headers   map[string]string
}

// Do implements openai.HTTPDoer. The request is go-openai's and ours to change.
func (t exchanger) Do(r *http.Request) (*http.Response, error) {
	x, _ := r.Context().Value(exchangeKey{}).(*exchange)
	if x == nil {
		return nil, errors.New("a request without its exchange")
	}
	if x.request != nil {
		r.Body = io.NopCloser(bytes.NewReader(x.request))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(x.request)), nil }
		r.ContentLength = int64(len(x.request))
	}
	if u := r.URL.User; u != nil && r.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		r.SetBasicAuth(u.Username(), password)
	}
	for name, value := range t.headers {
		r.Header.Set(name, value)
	}
	resp, err := t.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.header, x.status = resp.Header, resp.StatusCode
	x.reply, err = readReply(resp)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.reply))
	return resp, nil
}

// readReply reads all of the body, so that the connection is free again at once.
func readReply(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 {
		b.Grow(int(min(n, 1<<20)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, maxReply))
	if err == nil && n == maxReply {
		err = fmt.Errorf("the reply is longer than %d MiB", maxReply>>20)
	}
	return b.Bytes(), err
}
