package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"qgen-sidecar/internal/clip"

	openai "github.com/sashabaranov/go-openai"
)

var errAttemptTimeout = errors.New("no answer within the endpoint's timeout")

// This file is the one place where replies and errors get their kind.

// classifyTransport: the exchange itself broke, or what came with a good status is
// no reply. body is what came of it.
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
			message: fmt.Sprintf("expected a JSON reply, got %q (%v)", clip.Runes(clip.OneLine(string(body[:min(len(body), 400)])), 80), err)}
	}
	return &outcome{kind: failed, message: err.Error(), sent: true}
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
		return "the model refused: " + clip.Runes(clip.OneLine(refusal), 200)
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
		if status, err := strconv.Atoi(f.code); err == nil && status >= 400 && status < 600 {
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
		return &outcome{kind: failed, message: "the host's function failed: " + clip.Runes(clip.OneLine(err.Error()), 300), sent: true}
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

// retryIn is what an error tells about coming back; nil: not by itself.
func retryIn(e *endpoint, now time.Time) *float64 {
	if e.dead != "" {
		return nil
	}
	s := max(0, e.coolUntil.Sub(now).Seconds())
	return &s
}
