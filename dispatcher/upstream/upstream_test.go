package upstream_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/upstream"
)

// server answers from memory, and keeps what it was sent.
type server struct {
	bodies []string
	say    func(body string) (status int, header http.Header, reply string)
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.bodies = append(s.bodies, string(raw))
	status, header, reply := s.say(string(raw))
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(reply)), Request: r}, nil
}

// chat is a body that shows what the model is known not to take.
type chat struct{}

func (chat) Body(model string, q upstream.Quirks) ([]byte, error) {
	limit := "max_tokens"
	if q.CompletionTokens {
		limit = "max_completion_tokens"
	}
	return []byte(`{"model":"` + model + `", "` + limit + `":5}`), nil
}

func clientOf(s *server) *upstream.Client {
	config := upstream.Config{BaseURL: "http://127.0.0.1:1/v1", APIKey: "a-known-key"}
	c := upstream.NewClient(config, upstream.NewSecrets([]upstream.Config{config}))
	c.Over(s)
	return c
}

const fine = `{"model":"theirs-1","choices":[{"finish_reason":"stop","message":{"content":"4"}}]}`

func TestARefusedParameterIsLeftOutAtOnceAndFromThenOn(t *testing.T) {
	s := &server{say: func(body string) (int, http.Header, string) {
		if strings.Contains(body, `"max_tokens"`) {
			return 400, nil, `{"error":"use max_completion_tokens instead"}`
		}
		return 200, http.Header{"Retry-After": {"3"}}, fine
	}}
	c := clientOf(s)
	for range 2 {
		o := c.Chat(t.Context(), upstream.Model{Ours: "ours", Theirs: "theirs"}, chat{})
		if o.Kind != outcome.Answered || o.Answer.Text != "4" || o.Answer.Model != "theirs-1" || o.Model != "ours" || o.Hints.RetryAfter != 3*time.Second {
			t.Errorf("%+v", o)
		}
	}
	want := []string{`{"model":"theirs", "max_tokens":5}`, `{"model":"theirs", "max_completion_tokens":5}`, `{"model":"theirs", "max_completion_tokens":5}`}
	if strings.Join(s.bodies, "\n") != strings.Join(want, "\n") {
		t.Errorf("sent %q", s.bodies)
	}
}

func TestARedirectIsNotFollowedAndNoKeyIsTold(t *testing.T) {
	s := &server{say: func(string) (int, http.Header, string) {
		return 307, http.Header{"Location": {"http://elsewhere/?key=a-known-key"}}, ""
	}}
	o := clientOf(s).Chat(t.Context(), upstream.Model{Ours: "m", Theirs: "m"}, chat{})
	if o.Kind != outcome.Failed || len(s.bodies) != 1 || !strings.Contains(o.Message, "elsewhere") || strings.Contains(o.Message, "a-known-key") {
		t.Errorf("%d requests, %+v", len(s.bodies), o)
	}
}

func TestSecretsAreTakenOut(t *testing.T) {
	s := upstream.NewSecrets([]upstream.Config{{APIKey: "key-1", BaseURL: "http://u:pass-word@h/v1?code=que+ry"}, {APIKey: "key-12", Headers: map[string]string{"X-Token": "Bearer head-er"}}})
	got := s.Redact("key-1 key-12 pass-word que+ry head-er sk-0123456789abcdef Bearer abcdefghij 1 fine")
	if want := strings.Repeat("[redacted] ", 7) + "1 fine"; got != want {
		t.Errorf("%s", got)
	}
}
