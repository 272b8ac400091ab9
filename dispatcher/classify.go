package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

var errAttemptTimeout = errors.New("no answer within the endpoint's timeout")

// This file is the one place where replies and errors get their kind.

// fault is an error of the API, in whatever way it came.
type fault struct {
	status              int // 0: a 200 that held an error
	code, kind, message string
}

// classifyError sorts what a client returned in the place of a reply. body is
// what came of it, for bodies that were no JSON.
func classifyError(ctx context.Context, err error, body []byte) *outcome {
	var api *openai.APIError
	var request *openai.RequestError
	switch {
	case errors.As(err, &api):
		return classifyFault(fault{api.HTTPStatusCode, text(api.Code), api.Type, api.Message})
	case errors.As(err, &request):
		return classifyFault(faultOf(request.HTTPStatusCode, request.Body))
	}
	return classifyTransport(ctx, err, body)
}

// classifyTransport: the exchange itself broke.
func classifyTransport(ctx context.Context, err error, body []byte) *outcome {
	var dial *net.OpError
	switch {
	case errors.Is(context.Cause(ctx), errAttemptTimeout):
		return &outcome{kind: failed, message: errAttemptTimeout.Error(), sent: true}
	case ctx.Err() != nil:
		return &outcome{kind: abandoned, sent: true}
	case errors.As(err, &dial) && dial.Op == "dial":
		return &outcome{kind: failed, message: "cannot connect: " + err.Error()}
	case len(body) > 0:
		return &outcome{kind: failed, sent: true,
			message: fmt.Sprintf("expected a JSON reply, got %q (%v)", short(string(body[:min(len(body), 400)]), 80), err)}
	}
	return &outcome{kind: failed, message: err.Error(), sent: true}
}

// classifyFault sorts errors by their status, then by their code: providers
// agree on the first and nearly on the second.
func classifyFault(f fault) *outcome {
	o := &outcome{message: f.String()}
	switch {
	case f.has("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low"):
		o.kind = denied
	case f.modelMissing():
		o.kind = missing
	case f.status == 401 || f.status == 402 || f.status == 403:
		o.kind = denied
	case f.status == 429 || f.status == 0 && f.has("rate_limit"):
		o.kind = limited
	case f.status == 408 || f.status == 409 || f.status == 425 || f.status >= 500 || f.status == 0:
		o.kind, o.sent = failed, true
	case f.status < 400:
		o.kind, o.message = failed, f.String()+": base_url must be the address that answers, not one that redirects"
	case f.status == 404:
		o.kind, o.message = rejected, f.String()+" (base_url must end before /chat/completions, usually in /v1)"
	default:
		o.kind = rejected
	}
	return o
}

func (f fault) has(words ...string) bool {
	for _, w := range words {
		if strings.Contains(f.code, w) || strings.Contains(f.kind, w) || strings.Contains(f.message, w) {
			return true
		}
	}
	return false
}

func (f fault) modelMissing() bool {
	if f.status != 400 && f.status != 403 && f.status != 404 {
		return false
	}
	return f.has("model_not_found", "does not have access to model") ||
		f.status == 404 && strings.Contains(strings.ToLower(f.message), "model")
}

func (f fault) String() string {
	head := "the reply held an error"
	if f.status > 0 {
		head = fmt.Sprintf("HTTP %d", f.status)
	}
	if f.code != "" && !strings.Contains(f.message, f.code) {
		head += " " + f.code
	}
	if f.message == "" {
		return head
	}
	return head + ": " + short(f.message, 300)
}

// faultOf reads an error object; bodies come in many shapes.
func faultOf(status int, body []byte) fault {
	f := fault{status: status}
	var wire struct{ Error, Message, Detail json.RawMessage }
	if json.Unmarshal(body, &wire) != nil {
		f.message = strings.TrimSpace(string(body))
		return f
	}
	var object struct {
		Message, Type string
		Code          any
	}
	var plain string
	switch {
	case json.Unmarshal(wire.Error, &object) == nil:
		f.message, f.kind, f.code = object.Message, object.Type, text(object.Code)
	case json.Unmarshal(wire.Error, &plain) == nil, json.Unmarshal(wire.Message, &plain) == nil,
		json.Unmarshal(wire.Detail, &plain) == nil:
		f.message = plain
	default:
		f.message = strings.TrimSpace(string(body))
	}
	return f
}

// classifyReply sorts a chat completion that came as 200. Text cut at
// max_tokens is an answer: the caller sees finish_reason and decides.
func classifyReply(r *openai.ChatCompletionResponse, body []byte) *outcome {
	if len(r.Choices) == 0 {
		return classifyEmpty(body, "choices")
	}
	c := r.Choices[0]
	o := &outcome{sent: true, answer: answer{text: c.Message.Content, model: r.Model, finish: string(c.FinishReason),
		promptTokens: r.Usage.PromptTokens, completionTokens: r.Usage.CompletionTokens}}
	if o.answer.text == "" {
		o.answer.text = joinParts(c.Message.MultiContent)
	}
	if why := unusableBecause(o.answer, c.Message.Refusal); why != "" {
		o.kind, o.message = unusable, why
	}
	return o
}

// unusableBecause says why a reply cannot be used; "" it can.
func unusableBecause(a answer, refusal string) string {
	switch {
	case refusal != "":
		return "the model refused: " + short(refusal, 200)
	case a.finish == "content_filter":
		return "the endpoint's content filter withheld the reply"
	case strings.TrimSpace(a.text) != "":
		return ""
	case a.finish == "length":
		return "the reply was cut off before any text: raise max_tokens"
	}
	return "the reply was empty"
}

// classifyEmpty: a 200 without what was asked for is an error in disguise, or
// nothing.
func classifyEmpty(body []byte, what string) *outcome {
	f := faultOf(0, body)
	var wire struct{ Error json.RawMessage }
	if json.Unmarshal(body, &wire) == nil && len(wire.Error) > 0 && string(wire.Error) != "null" {
		var status int
		if fmt.Sscan(f.code, &status); status >= 400 && status < 600 {
			f.status = status
		}
		return classifyFault(f)
	}
	return &outcome{kind: failed, message: "the reply held no " + what, sent: true}
}

// classifyVectors checks an embedding reply against the texts sent.
func classifyVectors(r *openai.EmbeddingResponse, n int, body []byte) *outcome {
	if len(r.Data) == 0 && n > 0 {
		return classifyEmpty(body, "vectors")
	}
	vectors := make([][]float32, n)
	for _, d := range r.Data {
		if d.Index >= 0 && d.Index < n {
			vectors[d.Index] = d.Embedding
		}
	}
	for i, v := range vectors {
		if len(v) == 0 || len(v) != len(vectors[0]) {
			return &outcome{kind: failed, sent: true,
				message: fmt.Sprintf("expected %d vectors of one size, got %d numbers for text %d", n, len(v), i)}
		}
	}
	return &outcome{sent: true, answer: answer{vectors: vectors, model: string(r.Model), promptTokens: r.Usage.PromptTokens}}
}

// classifyHost sorts what the host's own function returned.
func classifyHost(ctx context.Context, r HostReply, err error) *outcome {
	switch {
	case errors.Is(context.Cause(ctx), errAttemptTimeout):
		return &outcome{kind: failed, message: errAttemptTimeout.Error(), sent: true}
	case ctx.Err() != nil:
		return &outcome{kind: abandoned, sent: true}
	case err != nil:
		return &outcome{kind: failed, message: "the host's function failed: " + short(err.Error(), 300), sent: true}
	case r.RetryAfter > 0:
		return &outcome{kind: limited, message: "the host asks to come back later",
			hints: hints{retryAfter: min(r.RetryAfter, maxRetryAfter)}}
	}
	o := &outcome{sent: true, answer: answer{text: r.Text, finish: r.FinishReason,
		promptTokens: r.PromptTokens, completionTokens: r.CompletionTokens}}
	if why := unusableBecause(o.answer, ""); why != "" {
		o.kind, o.message = unusable, why
	}
	return o
}

func joinParts(parts []openai.ChatMessagePart) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// short keeps the first n bytes of a message on one line.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// retryIn is what an error tells about coming back; nil: not by itself.
func retryIn(e *endpoint, now time.Time) *float64 {
	if e.dead != "" {
		return nil
	}
	s := max(0, e.coolUntil.Sub(now).Seconds())
	return &s
}
