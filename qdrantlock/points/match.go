package points

import (
	"slices"
	"strings"
	"unicode"

	"github.com/qdrant/go-client/qdrant"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// compileMatch makes the test of one value. Types are strict: true is not 1,
// and 1 is not 1.0.
func compileMatch(m *qdrant.Match) (func(any) bool, error) {
	switch c := m.GetMatchValue().(type) {
	case *qdrant.Match_Keyword:
		return func(v any) bool { return v == c.Keyword }, nil
	case *qdrant.Match_Integer:
		return func(v any) bool { return v == c.Integer }, nil
	case *qdrant.Match_Boolean:
		return func(v any) bool { return v == c.Boolean }, nil
	case *qdrant.Match_Keywords:
		return oneOf(c.Keywords.GetStrings()), nil
	case *qdrant.Match_Integers:
		return oneOf(c.Integers.GetIntegers()), nil
	case *qdrant.Match_ExceptKeywords:
		return noneOf(c.ExceptKeywords.GetStrings()), nil
	case *qdrant.Match_ExceptIntegers:
		return noneOf(c.ExceptIntegers.GetIntegers()), nil
	case *qdrant.Match_Text:
		return textTest(c.Text, containsAll), nil
	case *qdrant.Match_TextAny:
		return textTest(c.TextAny, containsAny), nil
	case *qdrant.Match_Phrase:
		return textTest(c.Phrase, containsPhrase), nil
	}
	return nil, invalidf("match condition of a kind that is not known here: expected keyword, integer, boolean, keywords, integers, except_keywords, except_integers, text, text_any or phrase")
}

func oneOf[T comparable](wanted []T) func(any) bool {
	set := make(map[T]struct{}, len(wanted))
	for _, w := range wanted {
		set[w] = struct{}{}
	}
	return func(v any) bool {
		typed, ok := v.(T)
		if !ok {
			return false
		}
		_, ok = set[typed]
		return ok
	}
}

// noneOf never accepts null: an absent value does not differ from the list.
func noneOf[T comparable](unwanted []T) func(any) bool {
	in := oneOf(unwanted)
	return func(v any) bool { return v != nil && !in(v) }
}

// textTest compares tokens of a field without a text index, as Qdrant's word
// tokenizer gives them. A query without tokens matches nothing.
func textTest(query string, test func(document, query []string) bool) func(any) bool {
	wanted := tokens(query)
	return func(v any) bool {
		text, ok := v.(string)
		return ok && len(wanted) > 0 && test(tokens(text), wanted)
	}
}

func tokens(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
	for i, w := range words {
		words[i] = lower(w)
	}
	return words
}

// lower follows Unicode's special casing (final sigma, dotted I), for which
// strings.ToLower is too plain.
func lower(s string) string {
	if strings.ContainsAny(s, "Σİ") {
		return cases.Lower(language.Und).String(s)
	}
	return strings.ToLower(s)
}

func containsAll(document, query []string) bool {
	for _, w := range query {
		if !slices.Contains(document, w) {
			return false
		}
	}
	return true
}

func containsAny(document, query []string) bool {
	return slices.ContainsFunc(query, func(w string) bool { return slices.Contains(document, w) })
}

func containsPhrase(document, query []string) bool {
	for i := 0; i+len(query) <= len(document); i++ {
		if slices.Equal(document[i:i+len(query)], query) {
			return true
		}
	}
	return false
}
