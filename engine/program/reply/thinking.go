package reply

import (
	"errors"
	"regexp"
	"strings"

	"qgen-sidecar/engine/program/signature"
)

// What a model thinks aloud before, between and behind its fields is no answer:
// fields that stand there are drafts.

// thinkTag are the tags between which models think, as they and their servers write
// them.
var thinkTag = atFirstUse(`(?i)` +
	`(?:<|&lt;|◁)(/?)(?:think|thinking|thoughts?|reasoning|reason|reflection|scratchpad|analysis|seed:think|longcat_think)(?:>|&gt;|▷)` +
	`|\[(/?)think\]` +
	`|<\|(?:START_THINKING|begin_of_thought)\|>|<\|(END_THINKING|end_of_thought)\|>`)

// mostTags: a reply with more is of a model that repeats itself.
const mostTags = 64

// tag is one of them in a reply.
type tag struct {
	start, end int
	closes     bool
}

func tagsIn(reply string) (tags []tag) {
	if !mayHoldTags(reply) {
		return nil
	}
	for _, m := range thinkTag().FindAllStringSubmatchIndex(reply, -1) {
		closes := m[2] < m[3] || m[4] < m[5] || m[6] < m[7]
		tags = append(tags, tag{m[0], m[1], closes})
	}
	return tags
}

// mayHoldTags is false for what holds no tag for certain: most replies, which are not
// searched then.
func mayHoldTags(reply string) bool {
	if strings.Contains(reply, "<") || strings.Contains(reply, "&") || strings.Contains(reply, "◁") {
		return true
	}
	for rest := reply; ; {
		_, behind, found := strings.Cut(rest, "[")
		if !found {
			return false
		}
		name := strings.TrimPrefix(behind, "/")
		if len(name) >= len("think]") && strings.EqualFold(name[:len("think]")], "think]") {
			return true
		}
		rest = behind
	}
}

// mayBeHarmony is false for what is not laid out in channels for certain.
func mayBeHarmony(reply string) bool {
	return strings.Contains(reply, "<|channel|>") || strings.Contains(reply, "assistantfinal")
}

var (
	errRepeats    = errors.New("it repeats the tags of thinking without end")
	errThinking   = errors.New("it is all thinking: the tag that it opens with is never closed (was the reply cut off? raise max_tokens)")
	errNoAnswer   = errors.New("behind its thinking there is no whole answer (was the reply cut off? raise max_tokens)")
	harmonyFinal  = regexp.MustCompile(`(?:^|<\|channel\|>|assistant)final(?:<\|[a-z]+\|>[^<\n]{0,40})?<\|message\|>|\bassistantfinal`)
	harmonyDraft  = regexp.MustCompile(`^\s*(?:<\|start\|>assistant)?(?:<\|channel\|>)(?:analysis|commentary)|^analysis[A-Z].*assistantfinal`)
	firstOfFields = regexp.MustCompile(`\[\[[ \t]*#|\{`)
)

// answerOf reads the fields of a reply behind and without its thinking. read finds
// them in a text that holds no thinking any more.
func answerOf(reply string, read func(text string) (signature.Values, error)) (signature.Values, error) {
	if mayBeHarmony(reply) {
		at := harmonyFinal.FindAllStringIndex(reply, -1)
		if at != nil && strings.Contains(reply[:at[len(at)-1][0]+1], "<|channel|>") || harmonyDraft.MatchString(reply) {
			if at == nil {
				return nil, errThinking
			}
			reply = reply[at[len(at)-1][1]:]
		}
	}
	tags := tagsIn(reply)
	if len(tags) > mostTags {
		return nil, errRepeats
	}
	// The answer stands behind the last tag behind which there is a whole one.
	for i := len(tags) - 1; i >= 0; i-- {
		if !tags[i].closes {
			continue
		}
		if rest, err := withoutThinking(reply[tags[i].end:]); err == nil {
			if out, err := read(rest); err == nil {
				return out, nil
			}
		}
	}
	text, err := withoutThinking(reply)
	if err != nil {
		return nil, err
	}
	return read(text)
}

// withoutThinking takes thinking out of a text. Tags in mid-sentence are talk about
// tags, and stay. It is an error where nothing tells what would be an answer:
// thinking that is never closed, and a closing tag with no whole answer behind it.
func withoutThinking(reply string) (string, error) {
	tags := tagsIn(reply)
	if tags == nil {
		return reply, nil
	}
	if len(tags) > mostTags {
		return "", errRepeats
	}
	fields := len(reply)
	if at := firstOfFields.FindStringIndex(reply); at != nil {
		fields = at[0]
	}
	var kept strings.Builder
	from, thinking := 0, false
	for i, t := range tags {
		switch {
		case t.closes && thinking:
			from, thinking = t.end, false
		case t.closes:
			if err := strayClose(reply[:t.start], reply[t.end:]); err != nil {
				return "", err
			}
			if strings.TrimSpace(reply[t.end:]) == "" {
				kept.WriteString(reply[from:t.start])
				from = t.end
			}
		case !thinking && (t.start < fields || opensThinking(reply, tags, i)):
			kept.WriteString(reply[from:t.start])
			thinking = true
		}
	}
	if thinking {
		return "", errThinking
	}
	kept.WriteString(reply[from:])
	return kept.String(), nil
}

// opensThinking: among the fields, a tag opens thinking if it has a line of its own,
// or begins one and is closed at a line's end.
func opensThinking(reply string, tags []tag, i int) bool {
	before, after := reply[:tags[i].start], reply[tags[i].end:]
	if !startsLine(before) {
		return false
	}
	if endsLine(after) {
		return true
	}
	for _, t := range tags[i+1:] {
		if t.closes {
			return endsLine(reply[t.end:])
		}
	}
	return false
}

// strayClose is about a closing tag that nothing opened, behind which there is no
// whole answer. In mid-sentence, or at the end of the last value, it is talk about
// tags; behind a whole answer it is nothing; else all before it was thinking.
func strayClose(before, after string) error {
	rest := firstLine(after)
	switch {
	case rest != "" && !firstOfFields.MatchString(rest[:min(len(rest), 3)]) && !strings.HasPrefix(rest, "```"):
		return nil
	case closingMarker.MatchString(before), closingMarker.MatchString(after) && strings.TrimSpace(closingMarker.ReplaceAllString(after, "")) == "":
		return nil
	}
	return errNoAnswer
}

// closingMarker ends a text.
var closingMarker = regexp.MustCompile(`(?i)\[\[[ \t]*#+[ \t]*completed[ \t]*#+[ \t]*\]\]\s*$`)

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}

// valueWithoutThinking takes thinking off the beginning of a single value, if it is
// closed there and followed by more.
func valueWithoutThinking(text string) string {
	tags := tagsIn(text)
	if len(tags) < 2 || tags[0].start > 0 || tags[0].closes {
		return text
	}
	for _, t := range tags[1:] {
		if rest := text[t.end:]; t.closes && (strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "\n")) {
			return strings.TrimSpace(rest)
		}
	}
	return text
}
