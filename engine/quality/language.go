package quality

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Undetermined is Language's answer when it is not sure (ISO 639-2).
const Undetermined = "und"

const (
	languageBytes  = 32 << 10 // enough of a text to tell its language
	languageScore  = 1.4      // about two words that only this language has
	languageMargin = 1.25     // times the runner-up
)

// Language is the ISO 639-1 code of the text's language, "und" when unsure:
// too short, no words that tell, a mixture, or a language that is not in the
// tables. The script decides where one language owns it (Greek, Hebrew, Thai,
// Korean, Japanese, Chinese, Hindi, Arabic); elsewhere frequent words and
// letters vote, each with a weight of one over the languages that share it.
// Only the first 32 KB are read.
func Language(text string) string {
	text = clip(text, languageBytes)
	script, share := mainScript(text)
	switch {
	case share < 0.6:
		return Undetermined
	case script == "Latin" || script == "Cyrillic":
		return byWords(text, script)
	}
	return scripts[script].language
}

type scriptInfo struct {
	table    *unicode.RangeTable
	language string
}

var scripts = map[string]scriptInfo{
	"Latin": {unicode.Latin, ""}, "Cyrillic": {unicode.Cyrillic, ""},
	"Greek": {unicode.Greek, "el"}, "Hebrew": {unicode.Hebrew, "he"}, "Thai": {unicode.Thai, "th"},
	"Hangul": {unicode.Hangul, "ko"}, "Kana": {unicode.Hiragana, "ja"}, "Han": {unicode.Han, "zh"},
	"Devanagari": {unicode.Devanagari, "hi"}, "Arabic": {unicode.Arabic, "ar"},
}

var scriptOrder = []string{"Latin", "Cyrillic", "Han", "Kana", "Hangul", "Arabic", "Hebrew", "Greek", "Thai", "Devanagari"}

// mainScript is the script of most letters and its share. A fiftieth of kana
// makes Han Japanese: Chinese writes none. The letters that only Persian and
// Urdu have take Arabic's certainty away.
func mainScript(text string) (string, float64) {
	counts := map[string]int{}
	letters, persian, latin := 0, 0, 0
	for _, r := range text {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			latin++
			continue
		}
		if r < utf8.RuneSelf || !unicode.IsLetter(r) {
			continue
		}
		letters++
		if strings.ContainsRune("پچژگکیٹڈڑں", r) {
			persian++
		}
		counts[scriptOf(r)]++
	}
	letters += latin
	counts["Latin"] += latin
	if letters < 3 {
		return "", 0
	}
	if counts["Kana"]*50 > counts["Han"] {
		counts["Kana"] += counts["Han"]
		counts["Han"] = 0
	}
	if persian*50 > counts["Arabic"] {
		counts["Arabic"] = 0
	}
	best := ""
	for _, s := range scriptOrder {
		if best == "" || counts[s] > counts[best] {
			best = s
		}
	}
	return best, float64(counts[best]) / float64(letters)
}

func scriptOf(r rune) string {
	if unicode.Is(unicode.Katakana, r) {
		return "Kana"
	}
	for _, s := range scriptOrder {
		if unicode.Is(scripts[s].table, r) {
			return s
		}
	}
	return ""
}

// byWords lets frequent words and telling letters vote.
func byWords(text, script string) string {
	votes := map[string]float64{}
	vote := func(languages []string, weight float64) {
		for _, l := range languages {
			votes[l] += weight / float64(len(languages))
		}
	}
	w := words(text)
	for _, word := range w {
		vote(frequent[word], 1)
		for _, r := range word {
			if r >= 0x80 {
				vote(telling[r], 0.5)
			}
		}
	}
	best, second := Undetermined, Undetermined
	for _, l := range profileOrder {
		switch {
		case votes[l] > votes[best]:
			best, second = l, best
		case votes[l] > votes[second]:
			second = l
		}
	}
	// Frequent words make up a good third of any running text: far fewer hits
	// in a long text mean a language that is not in the tables.
	enough := max(languageScore, 0.06*float64(len(w)))
	if votes[best] < enough || votes[best] < languageMargin*votes[second] {
		return Undetermined
	}
	return best
}
