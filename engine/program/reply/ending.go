package reply

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The marker that closes a reply, and the tokens of a chat template, are no part of
// a value.

// mark finds markers, whatever their name, and tokens of chat templates. The last
// two alternatives are the closing marker in other spellings.
var mark = atFirstUse(`\[\[[ \t]*#+[ \t]*(` + markerName + `)[ \t]*#+[ \t]*\]\]` +
	`|<\|[A-Za-z0-9_-]{1,40}\|>|<[｜|][^｜|>\n]{1,40}[｜|]>|</?s>|<(?:eos|EOS|pad|unk|eop|bos|end_of_utterance)>|<(?:start|end)_of_turn>|\[/?INST\]|\[EOS\]` +
	`|\[\[ *(completed) *\]\]|## *(completed) *##`)

// cutMarker is a marker that the reply's end cut off.
var cutMarker = atFirstUse(`\s*\[\[[ \t]*#[^\]\n]*\]?$`)

// dress is what models put around a marker.
const dress = " \t\n*_`().!<>-"

// found is a mark in a text.
type found struct {
	start, end int
	marker     bool // else a template's token
	closing    bool // the marker that closes a reply
}

func marksIn(text string) (out []found) {
	for _, m := range mark().FindAllStringSubmatchIndex(text, -1) {
		f := found{start: m[0], end: m[1]}
		for group := 2; group+1 < len(m); group += 2 {
			if m[group] >= 0 {
				f.marker, f.closing = true, fieldKey(text[m[group]:m[group+1]]) == completed
			}
		}
		out = append(out, f)
	}
	return out
}

// ended is a value without what stands before and behind it: tokens in front, and
// from the mark on that ends it. Marks amid a sentence are talk about them, and stay.
func ended(text string) string {
	if !strings.ContainsAny(text, "[<#") {
		return text
	}
	text = withoutFront(text)
	marks := marksIn(text)
	for _, m := range marks {
		if before := text[:m.start]; ends(m, before, text[m.end:]) && !struck(text, m) {
			return undressed(strings.TrimRight(before, " \t\n"))
		}
	}
	return withoutTail(text, marks)
}

// ends reports whether a mark with more behind it ends the value: it has a line of
// its own, or stands behind a whole sentence and what follows does not go on with it.
func ends(m found, before, after string) bool {
	if m.marker && startsLine(before) && endsLine(after) && strings.TrimSpace(before) != "" {
		return true
	}
	if !endsSentence(before) || m.marker && !m.closing {
		return false
	}
	attached := before == strings.TrimRight(before, " \t\n")
	return !m.marker && attached || !goesOn(after)
}

// startsLine and endsLine look at a place by what stands before and behind it.
func startsLine(before string) bool {
	bare := strings.TrimRight(before, " \t\r")
	return bare == "" || bare[len(bare)-1] == '\n'
}

func endsLine(after string) bool {
	bare := strings.TrimLeft(after, " \t\r")
	return bare == "" || bare[0] == '\n'
}

// goesOn reports whether a text continues the sentence before it: with a small letter.
func goesOn(after string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(after, " \t\n"))
	return unicode.IsLower(r)
}

// endsSentence looks behind closing quotes and emphasis.
func endsSentence(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, " \t\n*_`\"'”’»」)<!-("))
	return strings.ContainsRune(".?!…。？！؟;।", last)
}

// withoutTail takes the marks off the end of a value, and what cut one off. A
// template's token behind a blank may be what the value is about.
func withoutTail(text string, marks []found) string {
	text = cutMarker().ReplaceAllString(text, "")
	for i := len(marks) - 1; i >= 0; i-- {
		m := marks[i]
		if m.end > len(text) {
			continue
		}
		if strings.Trim(text[m.end:], dress) != "" {
			break
		}
		before := text[:m.start]
		attached := before == strings.TrimRight(before, " \t")
		if !m.marker && !attached && !endsSentence(before) || struck(text, m) {
			break
		}
		text = strings.TrimRight(before, " \t\n")
		if m.marker {
			text = undressed(text)
		}
	}
	return text
}

// undressed takes off what was opened around a marker: «Which? **» was «Which? **[[…]]**».
func undressed(text string) string {
	for _, open := range []string{"**", "`", "(", "<!--", "*", "_"} {
		bare := strings.TrimSuffix(text, open)
		if bare != text && strings.Count(text, open)%2 == 1 {
			return strings.TrimRight(bare, " \t\n")
		}
	}
	return text
}

// struck: HTML's strike-through, which is no token.
func struck(text string, m found) bool {
	before := text[:m.start]
	return strings.EqualFold(text[m.start:m.end], "</s>") && (strings.Contains(before, "<s") || strings.Contains(before, "<S")) && htmlStrike().MatchString(before) ||
		text[m.start:m.end] == "<s>" && strings.Contains(text[m.end:], "</s>")
}

var htmlStrike = atFirstUse(`(?i)\S.*<s(?: [^>]*)?>|^<s(?: [^>]+)?>.*\S`)

// front is what a template puts before a turn, with whose turn it is.
var front = regexp.MustCompile(`^\s*(?:<\|(?:im_start|start_header_id|start)\|>\s*(?:assistant|model|user)?|<start_of_turn>\s*(?:model|assistant)?|<\|[A-Za-z0-9_-]{1,40}\|>|<bos>)\s*`)

// withoutFront takes a template's tokens off the beginning of a value that has more.
func withoutFront(text string) string {
	for {
		m := front.FindString(text)
		if m == "" || len(m) == len(text) {
			break
		}
		text = text[len(m):]
	}
	if rest := strings.TrimPrefix(text, "<s>"); rest != text && strings.Count(rest, "</s>") <= 1 && !strings.Contains(strings.TrimSuffix(strings.TrimSpace(rest), "</s>"), "</s>") && strings.TrimSpace(rest) != "" {
		return strings.TrimLeft(rest, " \n")
	}
	return text
}
