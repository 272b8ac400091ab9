package reply

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"qgen-sidecar/engine/program/signature"
	"qgen-sidecar/internal/clip"
)

// Absent stands in a demonstration in the place of an output that it does not have;
// a reply that copies it gives no value.
const Absent = "(left out of this example)"

// readValue makes a field's value of a reply's text. An error says what was expected
// and found, without the field's name.
func readValue(f signature.Field, text string) (string, error) {
	text = ended(valueWithoutThinking(strings.TrimSpace(text)))
	if isEcho(f, text) {
		if f.Optional {
			return "", nil
		}
		return "", errors.New("is empty")
	}
	switch f.Kind {
	case signature.Integer:
		return readInteger(f, text)
	case signature.OneOf:
		return readChoice(f, text)
	}
	return restored(text), nil
}

// isEcho reports that a text holds no value: no letter or digit at all, or what
// the prompt itself shows in the value's place, or the field's own name. Small
// models copy these.
func isEcho(f signature.Field, text string) bool {
	plain := strings.Trim(text, " \t\n.*_`\"'{}[]()<>")
	if plain == "" || text == Absent || fieldKey(plain) == fieldKey(f.Name) && f.Kind != signature.OneOf {
		return true
	}
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSymbol(r) }) < 0
}

// bare takes away what models wrap short values in: a code fence, emphasis,
// quotes.
func bare(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "```") && strings.HasSuffix(text, "```") && len(text) > 6 {
		text = text[3 : len(text)-3]
		if first, rest, multi := strings.Cut(text, "\n"); multi && len(strings.Fields(first)) <= 1 {
			text = rest // the fence's language
		}
	}
	return strings.Trim(text, " \t\n*_`\"'“”‘’«»")
}

var (
	wholeNumber = regexp.MustCompile(`^([+-]?\d{1,9})(?:\.0+)?$`)
	outOf       = regexp.MustCompile(`^([+-]?\d{1,9})\s*(?:/|out of)\s*(\d{1,9})\b`)
	leading     = regexp.MustCompile(`^([+-]?\d{1,9})(?:\.0+)?([^\d]|$)`)
	// label is what may stand before a number: "Score: 4", "The final score is 4".
	label = regexp.MustCompile(`(?i)^(?:the\s+|final\s+|overall\s+|my\s+)*([a-z][a-z _]*?)[*_` + "`" + `]*\s*(?:[:=]|\bis\b|\bof\b)\s*[:=]?\s*`)
	// more tells that the number before is not the whole of it: 4.5, 1,000, 4-5, 4 or 5.
	more = regexp.MustCompile(`(?i)^(?:[.,]\d|\s*(?:-|–|to|or|and)\s*\d|\s+\d|%|:\d)`)
)

// IsWholeNumber reports whether a text is a whole number and nothing else: 4, +4, 4.0.
func IsWholeNumber(text string) bool { return wholeNumber.MatchString(text) }

// readInteger accepts a number on its own, out of the range's end (4/5), after a
// label (Score: 4), or before other words (4 because …). A number that might be
// another one, and one out of range, is refused.
func readInteger(f signature.Field, text string) (string, error) {
	expected := fmt.Errorf("expected %s, found %q", wanted(f), clip.Runes(text, 80))
	text = bare(text)
	if m := label.FindStringSubmatch(text); m != nil && labels(f, m[1]) {
		text = bare(text[len(m[0]):])
	}
	digits := ""
	if m := wholeNumber.FindStringSubmatch(text); m != nil {
		digits = m[1]
	} else if m := outOf.FindStringSubmatch(text); m != nil {
		if f.Bounded() && m[2] != strconv.Itoa(f.Max) {
			return "", expected
		}
		digits = m[1]
	} else if m := leading.FindStringSubmatchIndex(text); m != nil && !more.MatchString(text[m[3]:]) && !unicode.IsLetter(next(text[m[3]:])) {
		digits = text[m[2]:m[3]]
	}
	n, err := strconv.Atoi(digits)
	if err != nil || f.Bounded() && (n < f.Min || n > f.Max) {
		return "", expected
	}
	return strconv.Itoa(n), nil
}

// labels reports whether a word before a number names this field's value.
func labels(f signature.Field, word string) bool {
	switch key := fieldKey(word); key {
	case "score", "rating", "answer", "value", "grade":
		return true
	default:
		return key == fieldKey(f.Name)
	}
}

func next(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}

func wanted(f signature.Field) string {
	switch {
	case f.Kind == signature.OneOf:
		return "one of " + strings.Join(f.Choices, ", ")
	case f.Bounded():
		return fmt.Sprintf("a whole number from %d to %d", f.Min, f.Max)
	}
	return "a whole number"
}

// readChoice accepts a choice in any case, with or without quotes, emphasis, a
// full stop, its field's name before or a remark after it; two choices in one
// value are refused.
func readChoice(f signature.Field, text string) (string, error) {
	expected := fmt.Errorf("expected %s, found %q", wanted(f), clip.Runes(text, 80))
	text = strings.TrimPrefix(bare(text), "Literal[")
	if m := label.FindStringSubmatch(text); m != nil && labels(f, m[1]) {
		text = text[len(m[0]):]
	}
	folded := fold(text)
	for _, c := range f.Choices {
		if fold(c) == folded {
			return c, nil
		}
	}
	best := ""
	for _, c := range f.Choices {
		if startsWith(folded, fold(c)) && len(fold(c)) > len(fold(best)) {
			best = c
		}
	}
	if best == "" || fold(best) == "" {
		return "", expected
	}
	rest := strings.TrimPrefix(folded, fold(best))
	for _, c := range f.Choices {
		if strings.Contains(" "+rest+" ", " "+fold(c)+" ") {
			return "", expected
		}
	}
	return best, nil
}

// fold is text in lower case with single spaces for everything that is neither
// letter nor digit: "How-To." and "how to" are the same.
func fold(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '+' && r != '#'
	}), " ")
}

func startsWith(text, word string) bool {
	return word != "" && (text == word || strings.HasPrefix(text, word+" "))
}
