package dispatcher_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/internal/llmtest"
)

// open makes a dispatcher that ends with the test.
func open(t *testing.T, cfg dispatcher.Config) *dispatcher.Dispatcher {
	t.Helper()
	d, err := dispatcher.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func endpoint(name string, s *llmtest.Server, key string) dispatcher.Endpoint {
	return dispatcher.Endpoint{Name: name, BaseURL: s.URL(), APIKey: key, Timeout: 5 * time.Second}
}

func ask(text string) dispatcher.Request {
	return dispatcher.Request{Role: "task", Model: "m", Messages: []dispatcher.Message{{Role: "user", Content: text}}}
}

func TestAnswerAndItsUsage(t *testing.T) {
	s := llmtest.New(t)
	in, out := 1.0, 2.0
	e := endpoint("a", s, "k-secret")
	e.USDPerMTokIn, e.USDPerMTokOut = &in, &out
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{e}})
	ctx, account := dispatcher.WithAccount(t.Context(), dispatcher.Budget{})
	reply, err := d.Chat(ctx, ask("What is 2+2?"))
	if err != nil {
		t.Fatal(err)
	}
	u := reply.Usage
	if reply.Text != "4" || reply.Endpoint != "a" || reply.Model != "m" || reply.FinishReason != "stop" || reply.Cached {
		t.Errorf("reply %+v", reply)
	}
	if want := (float64(u.PromptTokens)*in + float64(u.CompletionTokens)*out) / 1e6; u.Calls != 1 || u.PromptTokens == 0 || u.USD == nil || math.Abs(*u.USD-want) > 1e-12 {
		t.Errorf("usage %+v, want one call of %g USD", u, want)
	}
	if got := account.Usage(); got.Calls != 1 || *got.USD != *u.USD {
		t.Errorf("account %+v, call %+v", got, u)
	}
}

func TestRoundRobinAmongEquals(t *testing.T) {
	s := llmtest.New(t)
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "key-a"), endpoint("b", s, "key-b"), endpoint("c", s, "key-c")}})
	for i := range 9 {
		reply, err := d.Chat(t.Context(), ask(fmt.Sprint("question ", i)))
		if err != nil {
			t.Fatal(err)
		}
		if want := string(rune('a' + i%3)); reply.Endpoint != want {
			t.Errorf("call %d went to %s, want %s", i, reply.Endpoint, want)
		}
	}
}

// Every way to fail, on endpoint a alone: b answers, and the caller sees
// nothing of it.
func TestFailuresAreTriedElsewhere(t *testing.T) {
	for name, fault := range map[string]*llmtest.Fault{
		"500":            llmtest.HTTP(500),
		"503":            llmtest.HTTP(503, "Retry-After", "30"),
		"408":            llmtest.HTTP(408),
		"401":            llmtest.HTTP(401),
		"402":            llmtest.HTTP(402),
		"403":            llmtest.HTTP(403),
		"429":            llmtest.HTTP(429, "Retry-After", "30"),
		"quota":          {Status: 429, Code: "insufficient_quota"},
		"400":            llmtest.HTTP(400),
		"404 model":      {Status: 404, Code: "model_not_found"},
		"html":           {Status: 502, Body: "<html>bad gateway</html>"},
		"redirect":       llmtest.HTTP(302, "Location", "http://127.0.0.1:1/"),
		"hang":           {Kind: llmtest.Hang},
		"reset":          {Kind: llmtest.Reset},
		"cut":            {Kind: llmtest.Cut},
		"malformed":      {Kind: llmtest.Malformed},
		"error in 200":   {Kind: llmtest.ErrorIn200},
		"no choices":     {Kind: llmtest.NoChoices},
		"empty":          {Kind: llmtest.EmptyContent},
		"refusal":        {Kind: llmtest.Refusal},
		"content filter": {Kind: llmtest.ContentFilter},
	} {
		t.Run(name, func(t *testing.T) {
			bad, good := llmtest.New(t), llmtest.New(t)
			bad.Fault(func(int, llmtest.Request) *llmtest.Fault { return fault })
			a := endpoint("a", bad, "key-a")
			a.Timeout = 100 * time.Millisecond
			d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{a, endpoint("b", good, "key-b")}})
			reply, err := d.Chat(t.Context(), ask("hello"))
			if err != nil || reply.Endpoint != "b" || bad.Count() != 1 {
				t.Fatalf("reply %+v, error %v, %d calls at a; want b's answer after one call at a", reply, err, bad.Count())
			}
			if status := d.Status(); status[0].LastError == "" || status[1].OK != 1 {
				t.Errorf("status does not tell: %+v", status)
			}
		})
	}
}

func TestDeadKeyIsLeftAloneAndToldOnce(t *testing.T) {
	s := llmtest.New(t)
	s.SetKey("key-b", "key-c", "key-d")
	var log syncBuffer
	endpoints := []dispatcher.Endpoint{endpoint("a", s, "wrong-key-0123"), endpoint("b", s, "key-b"), endpoint("c", s, "key-c"), endpoint("d", s, "key-d")}
	d := open(t, dispatcher.Config{Endpoints: endpoints, Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug})})
	var group sync.WaitGroup
	var lost atomic.Int32
	for i := range 200 {
		group.Go(func() {
			if _, err := d.Chat(t.Context(), ask(fmt.Sprint("question ", i))); err != nil {
				lost.Add(1)
			}
		})
	}
	group.Wait()
	if hits := s.Statuses()[401]; lost.Load() > 0 || hits == 0 || hits > 10 {
		t.Errorf("%d calls lost, %d calls hit the dead key", lost.Load(), hits)
	}
	status := d.Status()[0]
	if status.State != "dead" || !strings.Contains(status.LastError, "[redacted]") {
		t.Errorf("status %+v", status)
	}
	if n := strings.Count(log.String(), "endpoint is dead"); n != 1 {
		t.Errorf("%d lines say that the endpoint is dead", n)
	}
	if strings.Contains(log.String(), "wrong-key") || strings.Contains(fmt.Sprint(d.Status()), "wrong-key") {
		t.Error("the log or the status holds the key")
	}
}

func TestNobodyLeft(t *testing.T) {
	s := llmtest.New(t)
	s.SetKey("right")
	unset := endpoint("b", s, "")
	unset.APIKeyEnv = "SOME_KEY"
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "wrong-key-0123"), unset}})
	_, err := d.Chat(t.Context(), ask("hello"))
	var none *dispatcher.NoEndpointError
	if !errors.As(err, &none) || len(none.Endpoints) != 2 {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(err.Error(), "SOME_KEY") || strings.Contains(err.Error(), "wrong-key") {
		t.Errorf("error %v should name the variable and no key", err)
	}
	for _, e := range none.Endpoints {
		if e.State != "dead" || e.RetryInS != nil {
			t.Errorf("%+v should be dead for good", e)
		}
	}
	if err := d.Probe(t.Context(), "b", "m"); !errors.As(err, &none) {
		t.Errorf("probe of an unset key: %v", err)
	}
	if err := d.Probe(t.Context(), "a", "m"); !errors.As(err, &none) || strings.Contains(err.Error(), "wrong-key") {
		t.Errorf("probe of a wrong key: %v", err)
	}
	s.SetKey()
	if err := d.Probe(t.Context(), "a", "m"); err != nil {
		t.Errorf("probe of a good key: %v", err)
	}
	if _, err := d.Chat(t.Context(), ask("hello")); err != nil {
		t.Errorf("a probe that passes brings the endpoint back: %v", err)
	}
}

func TestRequestsNobodyTakesFailAtOnce(t *testing.T) {
	s := llmtest.New(t)
	s.Fault(func(int, llmtest.Request) *llmtest.Fault {
		return &llmtest.Fault{Status: 400, Code: "context_length_exceeded"}
	})
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, ""), endpoint("b", s, "")}})
	_, err := d.Chat(t.Context(), ask("hello"))
	var none *dispatcher.NoEndpointError
	if !errors.As(err, &none) || !strings.Contains(err.Error(), "context_length_exceeded") || s.Count() != 2 {
		t.Errorf("error %v after %d calls, want the endpoint's message after one call each", err, s.Count())
	}
}

func TestUnusableRepliesEverywhere(t *testing.T) {
	s := llmtest.New(t)
	s.Fault(func(int, llmtest.Request) *llmtest.Fault { return &llmtest.Fault{Kind: llmtest.Refusal} })
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, ""), endpoint("b", s, "")}})
	_, err := d.Chat(t.Context(), ask("hello"))
	var unusable *dispatcher.ReplyError
	if !errors.As(err, &unusable) || unusable.Role != "task" || !strings.Contains(unusable.Reason, "refused") {
		t.Errorf("error %v", err)
	}
}

func TestCutReplyIsAnAnswer(t *testing.T) {
	s := llmtest.New(t)
	s.Fault(func(int, llmtest.Request) *llmtest.Fault { return &llmtest.Fault{Kind: llmtest.Length} })
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}})
	if reply, err := d.Chat(t.Context(), ask("hello")); err != nil || reply.FinishReason != "length" || reply.Text == "" {
		t.Errorf("reply %+v, error %v", reply, err)
	}
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	s := llmtest.New(t)
	s.Fault(func(n int, _ llmtest.Request) *llmtest.Fault {
		if n <= 2 {
			return llmtest.HTTP(429, "retry-after-ms", "60")
		}
		return nil
	})
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}})
	began := time.Now()
	reply, err := d.Chat(t.Context(), ask("hello"))
	if err != nil || time.Since(began) < 120*time.Millisecond || reply.Usage.Calls != 1 {
		t.Errorf("error %v after %v, usage %+v; want an answer after twice 60 ms, counted once", err, time.Since(began), reply.Usage)
	}
	if status := d.Status()[0]; status.RateLimited != 2 || status.Failed != 0 {
		t.Errorf("status %+v: a 429 is no failure", status)
	}
}

// What go-openai would drop, refuse or change reaches the endpoint as it is.
func TestBodyReachesTheEndpointAsItIs(t *testing.T) {
	s := llmtest.New(t)
	e := endpoint("a", s, "")
	e.Models = map[string]string{"big": "gpt-5-private"}
	e.Headers = map[string]string{"X-Tenant": "tenant-secret"}
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{e}})
	req := ask("hello")
	zero := 0.0
	req.Model, req.Temperature, req.MaxTokens = "big", &zero, 50
	req.Messages = append([]dispatcher.Message{{Role: "system", Content: ""}}, req.Messages...)
	req.ResponseFormat = json.RawMessage(`{"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": {"type": "object", "title": "T", "properties": {"query": {"type": "string", "pattern": "^[A-Z].*\\?$"}}}}}`)
	if _, err := d.Chat(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	got := s.Chats()[0]
	if got.Model != "gpt-5-private" || got.Temperature == nil || *got.Temperature != 0 || got.MaxTokens != 50 || !bytes.Contains(got.Body, []byte(`"max_tokens":50`)) {
		t.Errorf("body %s", got.Body)
	}
	if len(got.Messages) != 2 || got.Messages[0].Role != "system" || got.Header.Get("X-Tenant") != "tenant-secret" {
		t.Errorf("messages %+v, header %v", got.Messages, got.Header)
	}
	var want, have bytes.Buffer
	json.Compact(&want, req.ResponseFormat)
	json.Compact(&have, got.ResponseFormat)
	if want.String() != have.String() {
		t.Errorf("response_format %s, want %s", have.String(), want.String())
	}
	req = ask("no options")
	if _, err := d.Chat(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if last := s.Chats()[1]; last.Temperature != nil || bytes.Contains(last.Body, []byte("max_tokens")) {
		t.Errorf("options that were not set are sent: %s", last.Body)
	}
}

// A head that was written once changes nothing of what is sent, nor of the
// cache's key.
func TestAHeadChangesNothing(t *testing.T) {
	s := llmtest.New(t)
	d := open(t, dispatcher.Config{CachePath: t.TempDir(), Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}})
	for n, messages := range [][]dispatcher.Message{
		{{Role: "system", Content: `"messages":[ <&> ü` + "\u2028"}, {Role: "user", Content: "a"}},
		{{Role: "system", Content: "x"}, {Role: "user", Content: "b"}, {Role: "assistant", Content: "c"}, {Role: "user", Content: "d"}},
		{{Role: "user", Content: "alone"}},
	} {
		warm := 0.5
		req := dispatcher.Request{Model: `m "messages":[]`, Messages: messages, Temperature: &warm, MaxTokens: 9}
		want, err := d.Chat(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for count := range len(messages) + 1 {
			req.Head, req.Fresh = dispatcher.NewHead(messages[:count]), false
			if got, err := d.Chat(t.Context(), req); err != nil || !got.Cached || got.Text != want.Text {
				t.Errorf("request %d, head of %d: %+v, %v", n, count, got, err)
			}
			req.Fresh = true
			if _, err := d.Chat(t.Context(), req); err != nil {
				t.Error(err)
			}
		}
		sent := s.Requests()
		for _, r := range sent[len(sent)-len(messages)-2:] {
			if first := sent[len(sent)-len(messages)-2]; string(r.Body) != string(first.Body) {
				t.Errorf("request %d: expected the body %s, found %s", n, first.Body, r.Body)
			}
		}
	}
}

func TestAnUnsetHeaderVariableIsNamedAtFirstUse(t *testing.T) {
	s := llmtest.New(t)
	e := endpoint("a", s, "")
	e.Headers, e.HeadersEnv = map[string]string{"X-Tenant": ""}, map[string]string{"X-Tenant": "TENANT_KEY"}
	_, err := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{e}}).Chat(t.Context(), ask("hello"))
	if err == nil || !strings.Contains(err.Error(), "TENANT_KEY") || !strings.Contains(err.Error(), "X-Tenant") || s.Count() != 0 {
		t.Errorf("err = %v after %d requests", err, s.Count())
	}
}

func TestParametersThatAModelRefusesAreLearned(t *testing.T) {
	s := llmtest.New(t)
	s.Fault(func(_ int, r llmtest.Request) *llmtest.Fault {
		switch { // one at a time, as OpenAI does
		case bytes.Contains(r.Body, []byte(`"max_tokens"`)):
			return &llmtest.Fault{Status: 400, Body: `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","code":"unsupported_parameter"}}`}
		case bytes.Contains(r.Body, []byte(`"temperature"`)):
			return &llmtest.Fault{Status: 400, Body: `{"error":{"message":"Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.","param":"temperature","code":"unsupported_value"}}`}
		}
		return nil
	})
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}})
	for i := range 3 {
		req := ask(fmt.Sprint("hello ", i))
		warm := 0.7
		req.MaxTokens, req.Temperature = 40, &warm
		if _, err := d.Chat(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if s.Count() != 5 {
		t.Errorf("%d requests for three calls, want one refusal of each parameter", s.Count())
	}
}

// The default transport keeps two idle connections a host and so opens a new
// one for most calls.
func TestConnectionsAreKept(t *testing.T) {
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"model":"m","choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"hi"}}]}`)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{{Name: "a", BaseURL: s.URL, MaxInFlight: 16}}})
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := range 20 {
				if _, err := d.Chat(t.Context(), ask(fmt.Sprint(worker, "/", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := opened.Load(); n > 32 {
		t.Errorf("%d connections for 320 calls, 16 at a time", n)
	}
}

func TestHostFunctionIsAnEndpoint(t *testing.T) {
	d := open(t, dispatcher.Config{})
	if _, err := d.Chat(t.Context(), ask("hello")); err == nil {
		t.Fatal("no endpoint, and yet an answer")
	}
	var calls atomic.Int32
	d.SetHost(func(ctx context.Context, req dispatcher.Request, id string) (dispatcher.HostReply, error) {
		if calls.Add(1) == 1 {
			return dispatcher.HostReply{RetryAfter: 30 * time.Millisecond}, nil
		}
		return dispatcher.HostReply{Text: req.Messages[0].Content + " " + req.Role + " " + id}, nil
	})
	reply, err := d.Chat(t.Context(), ask("hello"))
	if err != nil || !strings.HasPrefix(reply.Text, "hello task c") || reply.Endpoint != "host" || reply.Usage.Calls != 1 {
		t.Fatalf("reply %+v, error %v", reply, err)
	}
	status := d.Status()
	if len(status) != 1 || status[0].Name != "host" || status[0].RateLimited != 1 || status[0].OK != 1 {
		t.Errorf("status %+v", status)
	}
	d.SetHost(func(context.Context, dispatcher.Request, string) (dispatcher.HostReply, error) { panic("host") })
	defer func() {
		if recover() == nil {
			t.Error("a panic of the host's function is lost")
		}
		if s := d.Status(); s[0].InFlight != 0 {
			t.Errorf("a panic keeps its place: %+v", s)
		}
	}()
	d.Chat(t.Context(), ask("other"))
}

func TestConfigErrorsNameTheEndpoint(t *testing.T) {
	for want, endpoints := range map[string][]dispatcher.Endpoint{
		"base_url":  {{Name: "a", BaseURL: "localhost"}},
		"twice":     {{Name: "a", BaseURL: "http://x"}, {Name: "a", BaseURL: "http://y"}},
		"name must": {{Name: "host", BaseURL: "http://x"}},
		"negative":  {{Name: "a", BaseURL: "http://x", RPM: -1}},
	} {
		if _, err := dispatcher.New(dispatcher.Config{Endpoints: endpoints}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}

func TestCancelledCallsLeaveNothingBehind(t *testing.T) {
	s := llmtest.New(t)
	s.SetLatency(5 * time.Millisecond)
	s.Fault(func(n int, _ llmtest.Request) *llmtest.Fault {
		switch n % 7 {
		case 0:
			return llmtest.HTTP(429, "retry-after-ms", "5")
		case 1:
			return llmtest.HTTP(500)
		case 2:
			return &llmtest.Fault{Kind: llmtest.Reset}
		}
		return nil
	})
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "key-a"), endpoint("b", s, "key-b")}})
	var group sync.WaitGroup
	for i := range 500 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%50)*time.Millisecond)
			defer cancel()
			d.Chat(ctx, ask(fmt.Sprint("question ", i/2)))
		})
	}
	group.Wait()
	for range 100 { // cancelled HTTP calls end a moment after their callers
		busy := 0
		for _, e := range d.Status() {
			busy += e.InFlight + e.Queued
		}
		if busy == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("calls are left: %+v", d.Status())
}

// syncBuffer is a buffer for concurrent writers.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }
