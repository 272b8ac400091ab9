package dispatcher

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
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
	f.message = messageIn(v, 0)
	f.code, f.codes = codeIn(v, 0), strings.ToLower(strings.Join(namesIn(v, 0), " "))
	if f.message == "" {
		f.message = strings.TrimSpace(string(body))
	}
	return f
}

// faultDepth bounds how far into a body words are looked for.
const faultDepth = 6

// messageKeys are where servers put their words, the most telling first.
var messageKeys = []string{"error", "message", "detail", "msg", "error_message", "error_description", "errors", "description", "reason", "title"}

// messageIn is the first text under a known key.
func messageIn(v any, depth int) string {
	if depth > faultDepth {
		return ""
	}
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case []any:
		for _, item := range v {
			if text := messageIn(item, depth+1); text != "" {
				return text
			}
		}
	case map[string]any:
		for _, key := range messageKeys {
			if text := messageIn(v[key], depth+1); text != "" {
				return text
			}
		}
	}
	return ""
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
		return short(name, 80)
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
		for _, key := range []string{"error", "innererror", "errors", "detail"} {
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
	o := &outcome{message: f.String()}
	switch {
	case f.tooLarge():
		o.kind, o.message = rejected, f.String()+" (this one request is larger than the limit allows; no waiting cures that)"
	case f.says("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low"):
		o.kind, o.certain = denied, true
	case f.modelMissing():
		o.kind = missing
	case f.aboutTheRequest():
		o.kind = rejected
	case f.status == 401 || f.status == 402 || f.status == 403:
		o.kind = denied
	case f.status == 429 || f.status == 0 && f.says("rate_limit"):
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

func (f fault) modelMissing() bool {
	if f.status != 400 && f.status != 403 && f.status != 404 {
		return false
	}
	return f.says("model_not_found", "does not have access to model") ||
		f.status == 404 && strings.Contains(strings.ToLower(f.message), "model")
}

// contentWords are what is said of a prompt that a filter refused.
var contentWords = []string{"moderation", "moderated", "flagged", "content_filter", "content filter", "content policy", "content_policy",
	"content management policy", "content-policy", "responsibleaipolicyviolation", "safety", "inappropriate content", "harmful"}

// aboutTheRequest: a status that usually means the key, with words that mean this
// one request: the key is good for others.
func (f fault) aboutTheRequest() bool {
	switch f.status {
	case 402:
		return f.says("max_tokens", "max_completion_tokens", "can only afford", "fewer tokens")
	case 401, 403:
		return f.says(contentWords...)
	}
	return false
}

var askedAndAllowed = regexp.MustCompile(`(?i)\blimit:?\s*([\d,]+)[^\d]{1,40}?\brequested:?\s*([\d,]+)`)

// tooLarge: a refusal that asks to come back although this one request is larger
// than all that may ever be asked at once.
func (f fault) tooLarge() bool {
	if f.status != 429 && f.status != 413 {
		return false
	}
	if f.status == 413 || f.says("request too large", "tokens must be reduced") {
		return true
	}
	m := askedAndAllowed.FindStringSubmatch(f.message)
	if m == nil {
		return false
	}
	number := func(s string) int { n, _ := strconv.Atoi(strings.ReplaceAll(s, ",", "")); return n }
	return number(m[2]) > number(m[1])
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
	return head + ": " + short(f.message, 300)
}
