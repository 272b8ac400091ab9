package upstream

import (
	"net/http"
	"net/url"
	"strings"

	"qgen-sidecar/dispatcher/outcome"
)

// Quirks are what a model does not take, learned from its refusals.
type Quirks struct {
	CompletionTokens bool // max_completion_tokens in the place of max_tokens
	FixedTemperature bool
}

// quirksByName: OpenAI's own reasoning models. Elsewhere a name proves nothing.
func quirksByName(baseURL, model string) Quirks {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() != "api.openai.com" {
		return Quirks{}
	}
	for _, prefix := range []string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(model, prefix) {
			return Quirks{CompletionTokens: true, FixedTemperature: true}
		}
	}
	return Quirks{}
}

// learn reads a refusal of a parameter; such a refusal is free.
func (q Quirks) learn(o *outcome.Outcome) Quirks {
	if o.Kind != outcome.Rejected || o.Status != http.StatusBadRequest && o.Status != http.StatusUnprocessableEntity {
		return q
	}
	if strings.Contains(o.Message, "max_completion_tokens") {
		q.CompletionTokens = true
	}
	if strings.Contains(o.Message, "temperature") && strings.Contains(strings.ToLower(o.Message), "support") {
		q.FixedTemperature = true
	}
	return q
}
