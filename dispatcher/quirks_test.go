package dispatcher_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"qgen-sidecar/dispatcher"
)

// odd is a server that answers as one function says, over a real socket.
type odd struct {
	dispatcher.Endpoint
	asked atomic.Int64
}

const fine = `{"model":"m","choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"4"}}],"usage":{"prompt_tokens":10,"completion_tokens":5}}`

func newOdd(t *testing.T, answer func(body string, w http.ResponseWriter)) *odd {
	o := &odd{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		answer(string(body), w)
	}))
	t.Cleanup(s.Close)
	o.Endpoint = dispatcher.Endpoint{Name: "a", BaseURL: s.URL + "/v1", APIKey: "k-secret", Timeout: 5 * time.Second}
	return o
}

func say(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// The status of an error says what it is, whatever shape its body has, and the
// server's words are found in any.
func TestAnErrorKeepsItsStatusWhateverItsBody(t *testing.T) {
	shapes := map[string]string{
		"OpenAI's":                 `{"error":{"message":"WORDS","type":"t","code":"c"}}`,
		"a text":                   `{"error":"WORDS"}`,
		"a list":                   `{"error":["WORDS","more"]}`,
		"a list of objects":        `[{"error":{"code":429,"message":"WORDS","status":"RESOURCE_EXHAUSTED"}}]`,
		"true, and a message":      `{"error":true,"message":"WORDS"}`,
		"a message as an object":   `{"error":{"message":{"text":{"message":"WORDS"}}},"detail":"WORDS"}`,
		"a type that is a number":  `{"error":{"message":"WORDS","type":7,"param":{"a":1},"code":{"b":2}}}`,
		"an odd inner error":       `{"error":{"message":"WORDS","innererror":["x"],"code":"c"}}`,
		"FastAPI's":                `{"detail":[{"loc":["body"],"msg":"WORDS","type":"missing"}]}`,
		"detail":                   `{"detail":"WORDS"}`,
		"twice nested":             `{"error":{"error":{"message":"WORDS"}}}`,
		"a page":                   "<html><head><title>WORDS</title></head><body><h1>nginx</h1></body></html>",
		"a page without a title":   "<h1>WORDS</h1><p>Try again",
		"plain":                    "WORDS",
		"a text as JSON":           `"WORDS"`,
		"not UTF-8":                "caf\xe9: WORDS",
		"an error without a text":  `{"error":{"code":7}}`,
		"nothing":                  "",
		"null":                     "null",
		"cut in the middle":        `{"error":{"message":"WORDS`,
		"a NaN":                    `{"error":{"message":"WORDS","x":NaN}}`,
		"a message that is absent": `{"error":{"type":"t"},"message":"WORDS"}`,
	}
	for shape, body := range shapes {
		silent := !strings.Contains(body, "WORDS")
		for status, want := range map[int]struct {
			state string
			asked int64
		}{401: {"dead", 1}, 403: {"ready", 1}, 400: {"ready", 1}, 422: {"ready", 1}} {
			o := newOdd(t, func(_ string, w http.ResponseWriter) { say(w, status, body) })
			d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}})
			_, err := d.Chat(t.Context(), ask("hello"))
			var none *dispatcher.NoEndpointError
			if !errors.As(err, &none) || none.Endpoints[0].State != want.state || o.asked.Load() != want.asked {
				t.Errorf("%d, %s: %v after %d requests, want an endpoint that is %s after %d", status, shape, err, o.asked.Load(), want.state, want.asked)
				continue
			}
			said := none.Endpoints[0].LastError
			if !strings.HasPrefix(said, fmt.Sprint("HTTP ", status)) || !silent && !strings.Contains(said, "WORDS") {
				t.Errorf("%d, %s: told as %q", status, shape, said)
			}
		}
		// A limit is waited for, whatever it is called.
		first := true
		o := newOdd(t, func(_ string, w http.ResponseWriter) {
			if first {
				first = false
				w.Header().Set("Retry-After", "0.01")
				say(w, 429, body)
				return
			}
			say(w, 200, fine)
		})
		d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}})
		if reply, err := d.Chat(t.Context(), ask("hello")); err != nil || reply.Text != "4" || d.Status()[0].RateLimited != 1 {
			t.Errorf("429, %s: %v, counted %d limits", shape, err, d.Status()[0].RateLimited)
		}
	}
}

// An error about one request fails that request, and nothing else.
func TestAnErrorAboutOneRequestIsThatRequestsAlone(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"402, fewer max_tokens (OpenRouter)": {402, `{"error":{"code":402,"message":"This request requires more credits, or fewer max_tokens. You requested up to 9000 tokens, but can only afford 3200."}}`},
		"403, moderation (OpenRouter)":       {403, `{"error":{"code":403,"message":"The input was flagged by moderation","metadata":{"reasons":["violence"]}}}`},
		"403, a filter's name only":          {403, `{"error":{"code":"content_filter","message":"no"}}`},
		"403, Azure's inner error":           {403, `{"error":{"message":"no","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`},
		"401, a gateway's model":             {401, `{"error":{"code":"401","message":"litellm.AuthenticationError: upstream of model group 'poisoned-model' refused the key"}}`},
		"401, without a word why":            {401, `{"error":"Unauthorized"}`},
		"403, without a word why":            {403, `Forbidden`},
		"402, without a word why":            {402, ``},
		"403, without OpenAI's words":        {403, `{"error":"Forbidden","message":"The input was flagged by moderation","status":403}`},
		"403, in metadata":                   {403, `{"error":{"message":"Provider returned error","code":403,"metadata":{"raw":"{\"error\":\"flagged by our safety system\"}"}}}`},
		"403, usage guidelines":              {403, `{"error":"Content violates usage guidelines."}`},
		"402, too long a prompt":             {402, `{"error":{"message":"Prompt tokens limit exceeded: 8133 > 5000. To increase, visit the settings","code":402}}`},
		"402, in a second place":             {402, `{"error":"Payment Required","message":"You requested up to 9000 tokens, but can only afford 300"}`},
		"403, a model that may not be used":  {403, `{"error":{"message":"You are not allowed to sample from this model"}}`},
		"402, fewer max_completion_tokens":   {402, `{"error":{"message":"needs more credits, or fewer max_completion_tokens"}}`},
		"429, asked before allowed":          {429, `{"error":"Requested tokens (61337) exceed the limit of 30000"}`},
		"429, with what was used":            {429, `{"error":"tokens: Limit 30000, Used 0, Requested 61337"}`},
		"413":                                {413, `too big`},
		"429, larger than the limit":         {429, `{"error":{"type":"tokens","code":"rate_limit_exceeded","message":"Request too large for m on tokens per min (TPM): Limit 30000, Requested 61337."}}`},
		"429, by its numbers":                {429, `{"error":"tokens per minute: limit 30,000 / requested 61,337"}`},
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			o := newOdd(t, func(body string, w http.ResponseWriter) {
				if strings.Contains(body, "poison") {
					say(w, c.status, c.body)
					return
				}
				say(w, 200, fine)
			})
			d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}, CachePath: cache})
			good := func(text string) {
				t.Helper()
				if _, err := d.Chat(t.Context(), ask(text)); err != nil {
					t.Errorf("a good request: %v", err)
				}
			}
			good("before")
			for i := range 3 {
				bad := ask(fmt.Sprint("poison ", i))
				bad.Model = "poisoned-model"
				if c.status != 401 {
					bad.Model = "m"
				}
				began := o.asked.Load()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				_, err := d.Chat(ctx, bad)
				cancel()
				var none *dispatcher.NoEndpointError
				if !errors.As(err, &none) || o.asked.Load()-began != 1 {
					t.Errorf("the poisoned request: %v after %d requests", err, o.asked.Load()-began)
				}
				good(fmt.Sprint("after ", i))
			}
			if s := d.Status()[0]; s.State != "ready" || s.RateLimited != 0 || s.RPMLimit != 0 || s.TPMLimit != 0 {
				t.Errorf("the endpoint is %s, limited %d times, rpm %d, tpm %d", s.State, s.RateLimited, s.RPMLimit, s.TPMLimit)
			}
			d.Close()
			if kept, err := os.ReadFile(filepath.Join(cache, "limits.json")); err == nil {
				t.Errorf("limits are kept for later processes: %s", kept)
			}
		})
	}
}

// The controls: what would meet every request kills the key; a true 429 is waited for.
func TestAKeyThatIsRefusedEachTimeIsDead(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		body     string
		answered int // before
		refused  int // requests until it is dead
	}{
		"never answered":            {401, `{"error":"Invalid credentials"}`, 0, 1},
		"revoked":                   {401, `{"error":"Invalid credentials"}`, 2, 2},
		"forbidden":                 {403, ``, 2, 2},
		"forbidden, never answered": {403, ``, 0, 2},
		"to be paid":                {402, `{"error":{"message":"Payment required"}}`, 2, 2},
		"nothing to spend":          {402, `{"error":{"message":"Insufficient credits"}}`, 2, 1},
		"a budget":                  {429, `{"error":{"message":"Budget has been exceeded","type":"budget_exceeded"}}`, 2, 1},
		"Gemini's":                  {400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`, 2, 1},
		"names the model":           {401, `{"error":{"message":"Invalid API key for model m-1"}}`, 2, 1},
		"flagged account":           {403, `{"error":{"message":"Your account has been flagged for potential abuse"}}`, 2, 2},
		"no quota left":             {429, `{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}`, 2, 1},
	} {
		var asked atomic.Int64
		o := newOdd(t, func(_ string, w http.ResponseWriter) {
			if int(asked.Add(1)) <= c.answered {
				say(w, 200, fine)
				return
			}
			say(w, c.status, c.body)
		})
		d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}})
		for i := range c.answered + c.refused + 3 {
			d.Chat(t.Context(), ask(fmt.Sprint(i)))
		}
		if got := int(asked.Load()) - c.answered; d.Status()[0].State != "dead" || got != c.refused {
			t.Errorf("%s: %s after %d refusals, want dead after %d", name, d.Status()[0].State, got, c.refused)
		}
	}
}

func TestATrueLimitIsWaitedFor(t *testing.T) {
	for name, body := range map[string]string{
		"of tokens":      `{"error":{"message":"Rate limit reached for m on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 10ms."}}`,
		"of requests":    `{"error":"limit 60 per minute, requested 61"}`,
		"of calls":       `{"error":"Concurrency limit: 4 / requested: 5"}`,
		"a bogus header": `{"error":"slow down"}`,
		"Anthropic's":    `{"error":{"message":"This request would exceed your organization's rate limit of 1,000 input tokens per minute"}}`,
	} {
		var asked atomic.Int64
		o := newOdd(t, func(_ string, w http.ResponseWriter) {
			if asked.Add(1) == 1 {
				w.Header().Set("Retry-After", "0.01")
				w.Header().Set("X-Ratelimit-Limit-Tokens", "1")
				w.Header().Set("X-Ratelimit-Remaining-Tokens", "0")
				say(w, 429, body)
				return
			}
			say(w, 200, fine)
		})
		d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}})
		if _, err := d.Chat(t.Context(), ask("hello")); err != nil || d.Status()[0].RateLimited != 1 {
			t.Errorf("%s: %v, limited %d times", name, err, d.Status()[0].RateLimited)
		}
	}
}

// A server that says what a minute has, and not that the request is too large.
func TestARequestLargerThanAMinuteEnds(t *testing.T) {
	o := newOdd(t, func(body string, w http.ResponseWriter) {
		say(w, 429, `{"error":{"message":"This request would exceed your organization's rate limit of 1,000 input tokens per minute"}}`)
	})
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := d.Chat(ctx, ask(strings.Repeat("long ", 4000)))
	var none *dispatcher.NoEndpointError
	if !errors.As(err, &none) || o.asked.Load() != 1 {
		t.Errorf("%v after %d requests", err, o.asked.Load())
	}
}

// What a refusal says of money or content teaches nothing about parameters.
func TestOnlyABadRequestTeachesParameters(t *testing.T) {
	var last atomic.Value
	o := newOdd(t, func(body string, w http.ResponseWriter) {
		last.Store(body)
		switch {
		case strings.Contains(body, "poison"):
			say(w, 403, `{"error":"The prompt about body temperature was flagged by moderation. Contact support."}`)
		case strings.Contains(body, "dear"):
			say(w, 402, `{"error":"needs more credits, or fewer max_completion_tokens"}`)
		default:
			say(w, 200, fine)
		}
	})
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}})
	for _, text := range []string{"first", "poison", "dear", "last"} {
		request := ask(text)
		warm := 0.5
		request.Temperature, request.MaxTokens = &warm, 100
		d.Chat(t.Context(), request)
	}
	if body := last.Load().(string); !strings.Contains(body, `"temperature":0.5`) || !strings.Contains(body, `"max_tokens":100`) || o.asked.Load() != 4 {
		t.Errorf("after %d requests the last is %s", o.asked.Load(), body)
	}
}

// One reply's nonsense about limits holds nobody up, now or later.
func TestABogusHeaderTeachesNothing(t *testing.T) {
	for name, headers := range map[string][]string{
		"one token a minute, once":       {"X-Ratelimit-Limit-Tokens", "1", "X-Ratelimit-Remaining-Tokens", "0", "X-Ratelimit-Reset-Tokens", "60s"},
		"one request a minute, once":     {"X-Ratelimit-Limit-Requests", "1", "X-Ratelimit-Remaining-Requests", "0", "X-Ratelimit-Reset-Requests", "60s"},
		"one token a minute, every time": {"always", "", "X-Ratelimit-Limit-Tokens", "1", "X-Ratelimit-Remaining-Tokens", "0", "X-Ratelimit-Reset-Tokens", "60s"},
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			always := headers[0] == "always"
			var asked atomic.Int64
			o := newOdd(t, func(_ string, w http.ResponseWriter) {
				if asked.Add(1) == 2 || always {
					for i := 0; i+1 < len(headers); i += 2 {
						w.Header().Set(headers[i], headers[i+1])
					}
				}
				say(w, 200, fine)
			})
			d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{o.Endpoint}, CachePath: cache})
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			for i := range 20 {
				if _, err := d.Chat(ctx, ask(fmt.Sprint(i))); err != nil {
					t.Fatalf("call %d is held up: %v", i, err)
				}
			}
			d.Close()
			if kept, err := os.ReadFile(filepath.Join(cache, "limits.json")); err == nil {
				t.Errorf("limits are kept for later processes: %s", kept)
			}
		})
	}
}
