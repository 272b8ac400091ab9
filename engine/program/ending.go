package program

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// What models leave in a reply that is no part of any value: their thinking, the
// marker that closes a reply, and the tokens of their chat template.

// thinkTag are the tags between which models think aloud.
var thinkTag = regexp.MustCompile(`(?i)<(/?)(?:think|thinking|thought|reasoning|reflection|seed:think)>`)

var errThinking = errors.New("it is all thinking: the tag that it opens with is never closed (was the reply cut off? raise max_tokens)")

// withoutThinking takes a model's thinking out of its reply: what stands there is a
// draft. Some servers pass on the closing tag alone, with all before it. Tags in
// mid-sentence are talk about tags, and stay. Thinking that is never closed is an
// error, as nothing tells where an answer would begin.
func withoutThinking(reply string) (string, error) {
	tags := thinkTag.FindAllStringSubmatchIndex(reply, -1)
	if tags == nil {
		return reply, nil
	}
	var kept strings.Builder
	from, thinking := 0, false
	for _, tag := range tags {
		start, end, closes := tag[0], tag[1], tag[2] < tag[3]
		switch {
		case closes && thinking:
			from, thinking = end, false
		case closes && closesThinking(reply[:start], reply[end:]):
			kept.Reset()
			from = end
		case !closes && !thinking && opensThinking(reply[:start], reply[end:]):
			kept.WriteString(reply[from:start])
			thinking = true
		}
	}
	if thinking {
		return "", errThinking
	}
	kept.WriteString(reply[from:])
	return kept.String(), nil
}

// opensThinking: the tag begins the reply, or has a line of its own.
func opensThinking(before, after string) bool {
	return strings.TrimSpace(before) == "" || lastLine(before) == "" && firstLine(after) == ""
}

// closesThinking: the tag begins or ends a line, or the answer begins right behind
// it.
func closesThinking(before, after string) bool {
	rest := firstLine(after)
	return rest == "" || lastLine(before) == "" || strings.HasPrefix(rest, "[[") || strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "```")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}

func lastLine(text string) string {
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// endMark is what may follow a value: a marker, whatever its name and language, or
// a token of a chat template.
var endMark = regexp.MustCompile(`\[\[[ \t]*#+[ \t]*([\p{L}\p{N}_][\p{L}\p{N}_ ]*?)[ \t]*#+[ \t]*\]\]` +
	`|<\|[A-Za-z0-9_]{1,40}\|>|<｜[^｜\n]{1,40}｜>|</s>|<eos>|<(?:start|end)_of_turn>|\[/?INST\]`)

// ended is a value without what follows it: from the first mark on that ends a
// line, and from the closing marker behind a whole sentence. A mark in mid-sentence
// is talk about it, and stays.
func ended(text string) string {
	if !strings.Contains(text, "[[") && !strings.ContainsAny(text, "<[") {
		return text
	}
	for _, m := range endMark.FindAllStringSubmatchIndex(text, -1) {
		before := strings.TrimRight(text[:m[0]], " \t\n")
		closing := m[2] >= 0 && fieldKey(text[m[2]:m[3]]) == completed && endsSentence(before)
		if !closing && !endsLine(text[m[1]:]) {
			continue
		}
		if text[m[0]:m[1]] == "</s>" && strings.Contains(before, "<s>") {
			continue // HTML's strike-through
		}
		return before
	}
	return text
}

// endsLine reports whether nothing but marks is left on the line.
func endsLine(text string) bool {
	for {
		line := firstLine(text)
		if line == "" {
			return true
		}
		at := endMark.FindStringIndex(line)
		if at == nil || at[0] > 0 {
			return false
		}
		text = line[at[1]:]
	}
}

func endsSentence(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".?!…。？！؟", last)
}
