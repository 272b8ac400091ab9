package quality

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// firstWords are the words that a match of the pattern may begin with: what
// stands between its first two spaces, spelled out. The pattern must begin with
// a space and allow only so many words there; else it panics, at start.
func firstWords(pattern string) []string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err)
	}
	var out []string
	for _, start := range spellings(parsed, []string{""}) {
		words := strings.SplitN(start, " ", 3)
		if len(words) < 3 || words[0] != "" {
			panic(fmt.Sprintf("quality: %q does not begin with one of so many words: %q", pattern, start))
		}
		out = append(out, words[1])
	}
	return out
}

// spellings goes on with every start that is not a whole word yet by all that
// the expression may be.
func spellings(re *syntax.Regexp, starts []string) []string {
	var done, open []string
	for _, s := range starts {
		if strings.Count(s, " ") > 1 {
			done = append(done, s)
		} else {
			open = append(open, s)
		}
	}
	if len(open) == 0 {
		return done
	}
	return append(done, spelled(re, open)...)
}

func spelled(re *syntax.Regexp, starts []string) (out []string) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return starts
	case syntax.OpLiteral:
		return each(starts, string(re.Rune))
	case syntax.OpCapture:
		return spellings(re.Sub[0], starts)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			starts = spellings(sub, starts)
		}
		return starts
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			out = append(out, spellings(sub, starts)...)
		}
		return out
	case syntax.OpQuest:
		return append(spellings(re.Sub[0], starts), starts...)
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i+1]-re.Rune[i] > 64 {
				panic(fmt.Sprintf("quality: %s allows too many first words", re))
			}
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				out = append(out, each(starts, string(r))...)
			}
		}
		return out
	}
	panic(fmt.Sprintf("quality: %s is not expected in a first word", re))
}

func each(starts []string, more string) []string {
	out := make([]string, len(starts))
	for i, s := range starts {
		out[i] = s + more
	}
	return out
}
