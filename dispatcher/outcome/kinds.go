package outcome

import (
	"regexp"
	"strconv"
	"strings"
)

// classify sorts errors by their status, then by the server's words.
func classify(f fault) *Outcome {
	o := &Outcome{Message: f.String(), Status: f.status}
	switch {
	case f.tooLarge():
		o.Kind, o.Message = Rejected, f.String()+" (this one request is larger than the limit allows; no waiting cures that)"
	case f.unpaid():
		o.Kind, o.Certain = Denied, true
	case f.modelMissing():
		o.Kind = Missing
	case f.aboutTheRequest():
		o.Kind = Rejected
	case f.status == 400 && f.says("api key not valid", "api_key_invalid"):
		o.Kind, o.Certain = Denied, true
	case f.status == 401 || f.status == 402 || f.status == 403:
		o.Kind, o.Certain = Denied, f.status == 401 && f.says(keyWords...)
	case f.status == 429 || f.status == 0 && f.says("rate_limit", "rate limit"):
		o.Kind = Limited
	case f.status == 408 || f.status == 409 || f.status == 425 || f.status >= 500 || f.status == 0:
		o.Kind, o.Sent = Failed, true
	case f.status < 400:
		o.Kind, o.Message = Failed, f.String()+": base_url must be the address that answers, not one that redirects"
	case f.status == 404:
		o.Kind, o.Message = Rejected, f.String()+" (base_url must end before /chat/completions, usually in /v1)"
	default:
		o.Kind = Rejected
	}
	return o
}

// says reports whether the server's names or words hold one of these, which are in
// lower case.
func (f fault) says(words ...string) bool {
	message := strings.ToLower(f.message)
	for _, w := range words {
		if strings.Contains(f.codes, w) || strings.Contains(message, w) {
			return true
		}
	}
	return false
}

// unpaid: nothing is left to pay with, whatever is asked.
func (f fault) unpaid() bool {
	switch f.status {
	case 0, 401, 402, 403, 429:
		return f.says("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low", "insufficient balance", "insufficient credits",
			"exceeded_current_quota", "budget_exceeded")
	case 400:
		return f.says("budget_exceeded")
	}
	return false
}

// keyWords are said of a key, and not of what was asked.
var keyWords = []string{"invalid api key", "invalid_api_key", "incorrect api key", "api key not valid", "invalid x-api-key", "invalid authentication",
	"invalid subscription key", "api key expired", "token expired", "invalid token", "no api key", "missing api key", "revoked"}

// accountWords are said of whoever holds a key.
var accountWords = []string{"api key", "api_key", "account", "suspended", "scope", "organization", "credential"}

// modelWords are said of a model that a key may not use, or that is not there.
var modelWords = []string{"model_not_found", "does not have access to model", "don't have access to the model", "model_access_denied",
	"model access denied", "access to model denied", "access to model:", "no access to model", "not allowed to sample from this model",
	"model_permission", "accessdenied.unpurchased", "specified model id", "deploymentnotfound", "no endpoints found"}

func (f fault) modelMissing() bool {
	switch f.status {
	case 400, 401, 403:
		return f.says(modelWords...) && !f.says(keyWords...)
	case 404:
		return f.says(modelWords...) || strings.Contains(strings.ToLower(f.message), "model")
	}
	return false
}

// contentWords are said of a prompt that a filter refused.
var contentWords = []string{"moderation", "moderated", "flagged", "content_filter", "content-filter", "contentfilter", "content filter", "content policy",
	"content_policy", "content-policy", "content management policy", "content violates", "usage guidelines", "usage policy", "usage policies",
	"responsibleaipolicyviolation", "safety", "guardrail", "inappropriate", "prohibited content", "prohibited_content", "harmful",
	"sensitive", "unsafe", "high risk", "high-risk", "jailbreak", "prompt injection", "敏感"}

// aboutTheRequest: a status that usually means the key, with words that mean this
// one request: the key is good for others.
func (f fault) aboutTheRequest() bool {
	switch f.status {
	case 402:
		return !affordsNothing.MatchString(f.message) &&
			f.says("max_tokens", "max_completion_tokens", "can only afford", "fewer tokens", "prompt tokens limit exceeded", "reduce the output")
	case 403:
		return f.says("pre_consume_token_quota_failed") || f.says(contentWords...) && !f.says(accountWords...)
	}
	return false
}

var (
	affordsNothing  = regexp.MustCompile(`(?i)can only afford 0\b`)
	allowedAndAsked = regexp.MustCompile(`(?i)\blimit\s*[:=]?\s*([\d.,]+).{1,60}?\brequested\s*[:=]?\s*([\d.,]+)`)
	askedAndAllowed = regexp.MustCompile(`(?i)\brequested(?: tokens)?\s*[:=(]*\s*([\d.,]+).{1,60}?\blimit(?: of)?\s*[:=]?\s*([\d.,]+)`)
	perMinute       = regexp.MustCompile(`(?i)rate limit of ([\d.,]+) (?:input |output )?tokens per minute`)
)

// tooLarge: a refusal that asks to come back although this one request is larger
// than all that may ever be asked at once. Of numbers only those of tokens count.
func (f fault) tooLarge() bool {
	switch {
	case f.status == 413:
		return true
	case f.status != 429:
		return false
	case f.says("request too large", "request_too_large", "request is too large", "tokens must be reduced"):
		return true
	case !f.says("token", "tpm"):
		return false
	}
	if m := allowedAndAsked.FindStringSubmatch(f.message); m != nil {
		return number(m[2]) > number(m[1])
	}
	m := askedAndAllowed.FindStringSubmatch(f.message)
	return m != nil && number(m[1]) > number(m[2])
}

// number reads one with whatever parts its thousands.
func number(s string) int {
	n, _ := strconv.Atoi(strings.NewReplacer(",", "", ".", "").Replace(s))
	return n
}
