package dispatcher

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"qgen-sidecar/internal/clip"
)

// fault is an error of the API, in whatever way it came.
type fault struct {
	status  int    // 0: a 200 that held an error
	code    string // the server's own name for it
	codes   string // all that it names itself by, in lower case: code, type, and those within
	message string
}

// faultOf reads the body of an error. Its shape decides nothing but what people
// are told: a text, a list, an object within an object, a page of HTML.
func faultOf(status int, body []byte) fault {
	f := fault{status: status}
	var v any
	if json.Unmarshal(body, &v) != nil {
		f.message = plainText(string(body))
		return f
	}
	f.message = strings.Join(messagesIn(v, 0, nil), ": ")
	f.code, f.codes = codeIn(v, 0), strings.ToLower(strings.Join(namesIn(v, 0), " "))
	if f.message == "" {
		f.message = strings.TrimSpace(string(body))
	}
	return f
}

// faultDepth bounds how far into a body words are looked for.
const faultDepth = 6

// messageKeys are where servers put their words, the most telling first.
var messageKeys = []string{"error", "message", "detail", "msg", "error_message", "error_description", "errors", "description", "reason", "title", "metadata", "raw", "reasons"}

// mostMessages bounds how many texts of one error are told.
const mostMessages = 4

// messagesIn are the different texts under known keys, the first the most telling:
// gateways say "Forbidden" at one place and why at another.
func messagesIn(v any, depth int, said []string) []string {
	if depth > faultDepth || len(said) == mostMessages {
		return said
	}
	switch v := v.(type) {
	case string:
		text := plainText(v)
		if text == "" || slices.ContainsFunc(said, func(before string) bool { return strings.Contains(before, text) }) {
			return said
		}
		return append(said, text)
	case []any:
		for _, item := range v {
			said = messagesIn(item, depth+1, said)
		}
	case map[string]any:
		for _, key := range messageKeys {
			said = messagesIn(v[key], depth+1, said)
		}
	}
	return said
}

// codeIn is the innermost error's code.
func codeIn(v any, depth int) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	object, ok := v.(map[string]any)
	if !ok || depth > faultDepth {
		return ""
	}
	if code := codeIn(object["error"], depth+1); code != "" {
		return code
	}
	return nameOf(object["code"])
}

// nameOf is a short text or a number as an error's name.
func nameOf(v any) string {
	switch name := v.(type) {
	case string:
		return clip.Runes(clip.OneLine(name), 80)
	case float64:
		return strconv.FormatFloat(name, 'f', -1, 64)
	}
	return ""
}

// namesIn are all names that servers give their errors, at any depth.
func namesIn(v any, depth int) (names []string) {
	if depth > faultDepth {
		return nil
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			names = append(names, namesIn(item, depth+1)...)
		}
	case map[string]any:
		for _, key := range []string{"code", "type", "status"} {
			if name := nameOf(v[key]); name != "" {
				names = append(names, name)
			}
		}
		for _, key := range []string{"error", "innererror", "inner_error", "errors", "detail", "metadata"} {
			names = append(names, namesIn(v[key], depth+1)...)
		}
	}
	return names
}

var (
	htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// plainText is what a page or a text says: a page's title, if it has one.
func plainText(body string) string {
	body = strings.ToValidUTF8(body, "\uFFFD")
	if m := htmlTitle.FindStringSubmatch(body); m != nil && strings.TrimSpace(m[1]) != "" {
		return strings.TrimSpace(m[1])
	}
	if trimmed := strings.TrimSpace(body); strings.HasPrefix(trimmed, "<") {
		return strings.TrimSpace(htmlTag.ReplaceAllString(trimmed, " "))
	}
	return strings.TrimSpace(body)
}

// classifyFault sorts errors by their status, then by the server's words.
func classifyFault(f fault) *outcome {
	o := &outcome{message: f.String(), status: f.status}
	switch {
	case f.tooLarge():
		o.kind, o.message = rejected, f.String()+" (this one request is larger than the limit allows; no waiting cures that)"
	case f.unpaid():
		o.kind, o.certain = denied, true
	case f.modelMissing():
		o.kind = missing
	case f.aboutTheRequest():
		o.kind = rejected
	case f.status == 400 && f.says("api key not valid", "api_key_invalid"):
		o.kind, o.certain = denied, true
	case f.status == 401 || f.status == 402 || f.status == 403:
		o.kind, o.certain = denied, f.status == 401 && f.says(keyWords...)
	case f.status == 429 || f.status == 0 && f.says("rate_limit", "rate limit"):
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

func (f fault) String() string {
	head := "the reply held an error"
	if f.status > 0 {
		head = fmt.Sprintf("HTTP %d", f.status)
	}
	if f.code != "" && f.code != strconv.Itoa(f.status) && !strings.Contains(f.message, f.code) {
		head += " " + f.code
	}
	if f.message == "" {
		return head
	}
	return head + ": " + clip.Runes(clip.OneLine(f.message), 300)
}
