package outcome

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// BesideRequest looks once more at a refusal beside the request that was refused,
// which is of so many tokens, nearly, for a model that we and the endpoint call so.
func (o *Outcome) BesideRequest(tokens int, models ...string) *Outcome {
	for _, model := range models {
		if o.Kind == Denied && !o.Certain && names(o.Message, model) {
			o.Kind = Missing // refused for this model; the key is good for others
		}
	}
	// Some say what a minute has, and not what was asked. The estimate may be a fifth
	// too high.
	if m := perMinute.FindStringSubmatch(o.Message); o.Kind == Limited && m != nil && tokens > number(m[1])*5/4 {
		o.Kind = Rejected
		o.Message += fmt.Sprintf(" (this one request has about %d tokens: no waiting cures that)", tokens)
	}
	return o
}

// names reports whether a message holds a model's name as a word.
func names(message, model string) bool {
	if len(model) < 3 {
		return false // too short to be told from other words
	}
	message, model = strings.ToLower(message), strings.ToLower(model)
	for rest := message; ; {
		before, after, found := strings.Cut(rest, model)
		if !found {
			return false
		}
		if !goesOn(before, after) {
			return true
		}
		rest = after
	}
}

// goesOn reports whether a name is part of a longer one: gpt-4 of gpt-4.1, openai of
// platform.openai.com.
func goesOn(before, after string) bool {
	next := firstRune(after)
	if next == '.' || next == '/' {
		next = firstRune(after[1:])
	}
	last := lastRune(before)
	if last == '.' {
		last = lastRune(before[:len(before)-1])
	}
	return inWord(last) || inWord(next)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' }

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func lastRune(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }
