package outcome

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
