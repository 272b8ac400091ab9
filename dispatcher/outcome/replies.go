package outcome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/internal/clip"
	faults "qgen-sidecar/internal/fault"
	"qgen-sidecar/internal/jsonvalue"
)

// OfError sorts an HTTP error by its status, then by what its body says.
func OfError(status int, body []byte) *Outcome { return classify(faultOf(status, body)) }

// OfRedirect is a redirect, which is not followed: key and body would go along.
func OfRedirect(status int, location string) *Outcome {
	return classify(fault{status: status, message: "redirect to " + location})
}

// Words are what an error says to people: status, code and message.
func Words(status int, body []byte) string { return faultOf(status, body).String() }

// OfTransport: the exchange itself broke with err, or what came with a good status
// is no reply. ctx is the attempt's, body what came.
func OfTransport(ctx context.Context, err error, body []byte) *Outcome {
	if o := ended(ctx); o != nil {
		return o
	}
	var dial *net.OpError
	switch {
	case errors.As(err, &dial) && dial.Op == "dial":
		return &Outcome{Kind: Failed, Message: "cannot connect: " + faults.Dialled(err)}
	case len(body) > 0:
		return &Outcome{Kind: Failed, Sent: true,
			Message: fmt.Sprintf("expected a JSON reply, got %q (%v)", clip.Runes(clip.OneLine(string(body[:min(len(body), 400)])), 80), jsonvalue.Fault(err))}
	}
	return &Outcome{Kind: Failed, Message: err.Error(), Sent: true}
}

// OfChat sorts a chat completion that came as 200. Text cut at max_tokens is an
// answer: the caller sees finish_reason and decides.
func OfChat(r *openai.ChatCompletionResponse, body []byte) *Outcome {
	if len(r.Choices) == 0 {
		return ofEmpty(body, "choices")
	}
	c := r.Choices[0]
	a := Answer{Text: c.Message.Content, Model: r.Model, Finish: string(c.FinishReason),
		PromptTokens: r.Usage.PromptTokens, CompletionTokens: r.Usage.CompletionTokens}
	if a.Text == "" {
		a.Text = joinParts(c.Message.MultiContent)
	}
	return ofText(a, c.Message.Refusal)
}

// OfChatJSON is OfChat for a body that nobody has read yet; the error says that it is
// no chat completion.
func OfChatJSON(body []byte) (*Outcome, error) {
	var r openai.ChatCompletionResponse
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	return OfChat(&r, body), nil
}

// ofText is an answer, or one that cannot be used.
func ofText(a Answer, refusal string) *Outcome {
	o := &Outcome{Sent: true, Answer: a}
	if why := unusableBecause(a, refusal); why != "" {
		o.Kind, o.Message = Unusable, why
	}
	return o
}

// unusableBecause says why a reply cannot be used; "" it can.
func unusableBecause(a Answer, refusal string) string {
	switch {
	case refusal != "":
		return "the model refused: " + clip.Runes(clip.OneLine(refusal), 200)
	case a.Finish == "content_filter":
		return "the endpoint's content filter withheld the reply"
	case strings.TrimSpace(a.Text) != "":
		return ""
	case a.Finish == "length":
		return "the reply was cut off before any text: raise max_tokens"
	}
	return "the reply was empty"
}

// ofEmpty: a 200 without what was asked for is an error in disguise, or nothing.
func ofEmpty(body []byte, what string) *Outcome {
	f := faultOf(0, body)
	var wire struct{ Error json.RawMessage }
	if json.Unmarshal(body, &wire) == nil && len(wire.Error) > 0 && string(wire.Error) != "null" {
		if status, err := strconv.Atoi(f.code); err == nil && status >= 400 && status < 600 {
			f.status = status
		}
		return classify(f)
	}
	return &Outcome{Kind: Failed, Message: "the reply held no " + what, Sent: true}
}

// OfVectors checks an embedding reply that came as 200 against the n texts sent.
func OfVectors(r *openai.EmbeddingResponse, n int, body []byte) *Outcome {
	if len(r.Data) == 0 && n > 0 {
		return ofEmpty(body, "vectors")
	}
	vectors := make([][]float32, n)
	for _, d := range r.Data {
		if d.Index >= 0 && d.Index < n {
			vectors[d.Index] = d.Embedding
		}
	}
	for i, v := range vectors {
		if len(v) == 0 || len(v) != len(vectors[0]) {
			return &Outcome{Kind: Failed, Sent: true,
				Message: fmt.Sprintf("expected %d vectors of one size, got %d numbers for text %d", n, len(v), i)}
		}
	}
	return &Outcome{Sent: true, Answer: Answer{Vectors: vectors, Model: string(r.Model), PromptTokens: r.Usage.PromptTokens}}
}

// OfHost sorts what the host's own function returned: an answer, a wait that it
// asks for, or an error.
func OfHost(ctx context.Context, a Answer, wait time.Duration, err error) *Outcome {
	if o := ended(ctx); o != nil {
		return o
	}
	switch {
	case err != nil:
		return &Outcome{Kind: Failed, Message: "the host's function failed: " + clip.Runes(clip.OneLine(err.Error()), 300), Sent: true}
	case wait > 0:
		return &Outcome{Kind: Limited, Message: "the host asks to come back later",
			Hints: limits.Hints{RetryAfter: min(wait, limits.MaxRetryAfter)}}
	}
	return ofText(a, "")
}

func joinParts(parts []openai.ChatMessagePart) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}
