package outcome_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"qgen-sidecar/dispatcher/outcome"
)

// What docs/dispatcher.md says of errors ("Replies").
func TestAnErrorsKind(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		kind    outcome.Kind
		certain bool
		sent    bool
	}{
		{429, `{"error":{"message":"slow down"}}`, outcome.Limited, false, false},
		{429, `{"error":{"code":"insufficient_quota"}}`, outcome.Denied, true, false},
		{429, `Request too large for m: Limit 200, Requested 300 tokens`, outcome.Rejected, false, false},
		{413, ``, outcome.Rejected, false, false},
		{401, `{"error":{"message":"Invalid API key"}}`, outcome.Denied, true, false},
		{401, `{"error":"no"}`, outcome.Denied, false, false},
		{402, `{"error":"You requested max_tokens 900, but can only afford 200"}`, outcome.Rejected, false, false},
		{403, `{"detail":"flagged by moderation"}`, outcome.Rejected, false, false},
		{403, `{"error":{"message":"You don't have access to the model m"}}`, outcome.Missing, false, false},
		{404, `{"error":{"message":"The model m does not exist"}}`, outcome.Missing, false, false},
		{404, `<html><title>Not Found</title></html>`, outcome.Rejected, false, false},
		{400, `{"error":"bad request"}`, outcome.Rejected, false, false},
		{408, ``, outcome.Failed, false, true},
		{500, `[1, 2]`, outcome.Failed, false, true},
		{529, `overloaded`, outcome.Failed, false, true},
	} {
		o := outcome.OfError(c.status, []byte(c.body))
		if o.Kind != c.kind || o.Certain != c.certain || o.Sent != c.sent || o.Status != c.status || o.Message == "" {
			t.Errorf("%d %s: kind %d, %+v", c.status, c.body, o.Kind, o)
		}
	}
	if o := outcome.OfRedirect(302, "http://elsewhere"); o.Kind != outcome.Failed || o.Sent {
		t.Errorf("a redirect: %+v", o)
	}
}

func TestAGoodStatusProvesNothing(t *testing.T) {
	for body, want := range map[string]outcome.Kind{
		`{"choices":[{"message":{"content":"yes"},"finish_reason":"length"}]}`:       outcome.Answered,
		`{"choices":[{"message":{"content":" "},"finish_reason":"stop"}]}`:           outcome.Unusable,
		`{"choices":[{"message":{"content":"x"},"finish_reason":"content_filter"}]}`: outcome.Unusable,
		`{"choices":[{"message":{"refusal":"I will not"},"finish_reason":"stop"}]}`:  outcome.Unusable,
		`{"choices":[]}`: outcome.Failed,
		`{"error":{"message":"rate_limit exceeded"}}`: outcome.Limited,
		`{"error":{"code":503,"message":"busy"}}`:     outcome.Failed,
		`{"error":{"code":"401","message":"no"}}`:     outcome.Denied,
	} {
		o, err := outcome.OfChatJSON([]byte(body))
		if err != nil || o.Kind != want {
			t.Errorf("%s: %+v, error %v; want kind %d", body, o, err, want)
		}
	}
	if _, err := outcome.OfChatJSON([]byte(`[]`)); err == nil {
		t.Error("a list passes for a chat completion")
	}
}

// A refusal that names the model asked for is about the model, and one for a request
// larger than a minute's tokens is about the request.
func TestARefusalBesideItsRequest(t *testing.T) {
	denied := func(words string) *outcome.Outcome { return outcome.OfError(403, []byte(words)) }
	for words, want := range map[string]outcome.Kind{"no right to gpt-4": outcome.Missing, "no right to gpt-4.1": outcome.Denied, "no right": outcome.Denied} {
		if o := denied(words).BesideRequest(10, "ours", "gpt-4"); o.Kind != want {
			t.Errorf("%s: kind %d, want %d", words, o.Kind, want)
		}
	}
	for tokens, want := range map[int]outcome.Kind{1200: outcome.Limited, 1300: outcome.Rejected} {
		o := outcome.OfError(429, []byte("over the rate limit of 1,000 input tokens per minute"))
		if o.BesideRequest(tokens, "m"); o.Kind != want {
			t.Errorf("%d tokens: kind %d, want %d", tokens, o.Kind, want)
		}
	}
}

func TestAnEndHasItsCause(t *testing.T) {
	left, leave := context.WithCancel(t.Context())
	leave()
	late, stop := outcome.WithTimeout(t.Context(), time.Nanosecond)
	defer stop()
	<-late.Done()
	for name, c := range map[string]struct {
		ctx  context.Context
		kind outcome.Kind
	}{"the caller left": {left, outcome.Abandoned}, "too late": {late, outcome.Failed}, "broken": {t.Context(), outcome.Failed}} {
		if o := outcome.OfTransport(c.ctx, errors.New("reset"), nil); o.Kind != c.kind || !o.Sent {
			t.Errorf("%s: %+v", name, o)
		}
		if o := outcome.OfHost(c.ctx, outcome.Answer{Text: "yes"}, 0, errors.New("reset")); o.Kind != c.kind || !o.Sent {
			t.Errorf("%s, at the host: %+v", name, o)
		}
	}
	if o := outcome.OfHost(t.Context(), outcome.Answer{}, time.Hour, nil); o.Kind != outcome.Limited || o.Hints.RetryAfter != time.Minute {
		t.Errorf("the host asks to wait: %+v", o)
	}
}
