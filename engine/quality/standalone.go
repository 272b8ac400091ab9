package quality

import (
	"regexp"
	"strings"
	"sync"
)

// leaning is one way in which a question refers to the text it was made from.
type leaning struct {
	pattern *regexp.Regexp // over lower-case words, one space before and after each
	reason  string
	// followedBy holds words after the match that make it harmless: "the
	// context of", "the document retention period".
	followedBy map[string]bool
}

func lean(reason, pattern string, followedBy ...string) leaning {
	harmless := map[string]bool{}
	for _, list := range followedBy {
		for _, w := range strings.Fields(list) {
			harmless[w] = true
		}
	}
	return leaning{regexp.MustCompile(" (?:" + pattern + ") "), reason, harmless}
}

// table holds the leanings, and which of them begin with a word, as indices: a
// question has few of these words, and forty searches are dear. It is made at first
// use, as the patterns take longer to compile than all else at the start of a process.
type table struct {
	leanings  []leaning
	beginning map[string][]int
}

var leaningTable = sync.OnceValue(func() table {
	t := table{leanings(), map[string][]int{}}
	for i, l := range t.leanings {
		for _, word := range firstWords(l.pattern.String()) {
			t.beginning[word] = append(t.beginning[word], i)
		}
	}
	return t
})

// candidates are the leanings that may be found among the words, in order.
func candidates(words []string) []leaning {
	t := leaningTable()
	may := make([]bool, len(t.leanings))
	for _, w := range words {
		for _, i := range t.beginning[w] {
			may[i] = true
		}
	}
	var out []leaning
	for i, l := range t.leanings {
		if may[i] {
			out = append(out, l)
		}
	}
	return out
}

const (
	onText      = "leans on its text"
	onSource    = "names its text as the source"
	onPlace     = "points at a place in its text"
	onPronoun   = "has a pronoun that refers to nothing"
	enCompounds = `of retention type types format formats message messages field fields box file files editor size input
		window menu manager switch length variable management number numbers id store database model loader object root
		stream encoder processing classification generation mining mode`
)

// leanings by language. A phrase is listed when it hardly occurs in a question
// that stands by itself; single words such as "above" are not ("above 30 °C").
func leanings() []leaning {
	return []leaning{
		// English
		lean(onText, `(?:the|this|that|these|those) (?:(?:given|provided|above|following|attached|source|original) )?(?:text|passage|passages|document|excerpt|extract|context|chunk|snippet|paragraph|article)`, enCompounds, "that and or"),
		lean(onText, `(?:the|this) (?:author|authors|writer|narrator|speaker) (?:say|says|said|mean|means|mention|mentions|mentioned|describe|describes|described|argue|argues|argued|claim|claims|claimed|suggest|suggests|suggested|state|states|stated|think|thinks|recommend|recommends|use|uses|used|explain|explains|explained|give|gives|list|lists|believe|believes|refer|refers|discuss|discusses)`),
		lean(onText, `(?:does|did|do|is|was|are|were|has|have|by|to|of|for|would) (?:the|this) (?:author|authors|writer|narrator|speaker)`, "of"),
		lean(onText, `this (?:section|chapter|page|table|figure|report|part|file|example|description)`, enCompounds),
		lean(onSource, `according to (?:the|this|that|these|those|it|him|her|them|(?:section|segment|chapter|paragraph|table|figure|page|chunk|part) \d+)`),
		lean(onSource, `based on (?:the|this|these) (?:given|provided|information|text|passage|document|context|data|description|above)`),
		lean(onPlace, `(?:mentioned|described|listed|shown|stated|given|discussed|outlined|provided|presented|defined|explained|see|as|seen) (?:above|below|here|earlier|previously)`, "the"),
		lean(onPlace, `the (?:above|aforementioned|preceding|foregoing|former|latter)`),
		lean(onPlace, `(?:is|are|was|were) (?:mentioned|discussed|described|listed|cited|referenced|named) `),
		lean(onPronoun, `(?:who|what|why|how|when|where|which) (?:is|are|was|were|do|does|did|has|have|had|can|could|should|will|would) (?:he|she|they|this|these|those)`),
		lean(onPronoun, `(?:what|why|how|when|where) (?:does|did) it`, "take mean cost matter make feel rain snow help"),

		// German
		lean(onText, `(?:der|dem|den|des|im|am|dieser|diesem|diesen|dieses|vorliegende[rnms]?|obige[rnms]?|gegebene[rnms]?|das|die) (?:vorliegenden |obigen |gegebenen |folgenden |genannten )?(?:text|texts|textes|textabschnitt|textabschnitts|textauszug|textstelle|abschnitt|abschnitts|absatz|dokument|dokuments|dokumentes|kontext|auszug|passage|ausschnitt)`, "von der des einer eines und"),
		lean(onText, `(?:der|die|dem|den|des|vom|dieser) (?:autor|autors|autorin|autoren|verfasser|verfassers|verfasserin|erzähler|erzählers)`, "von der des"),
		lean(onSource, `(?:laut|lt) (?:(?:dem|der|den|des|diesem|dieser|diesen) )?(?:text|textes|abschnitt|dokument|kontext|auszug|passage|artikel|autor|autorin|verfasser|beschreibung|angaben|tabelle|bericht)`),
		lean(onSource, `(?:gemäß|nach|entsprechend) (?:dem|diesem|der|dieser) (?:vorliegenden )?(?:text|abschnitt|dokument|kontext|auszug|passage|beschreibung)`),
		lean(onSource, `(?:dem|diesem) (?:text|abschnitt|dokument|auszug|autor) zufolge`),
		lean(onPlace, `(?:oben|unten|hier|vorstehend|nachstehend|zuvor) (?:genannt|beschrieben|erwähnt|aufgeführt|angegeben|dargestellt|gezeigt|stehend)\p{L}*`),
		lean(onPlace, `(?:wird|werden|wurde|wurden|ist|sind) (?:\p{L}+ )*(?:hier|oben) (?:\p{L}+ )?`),
		lean(onPronoun, `(?:was|wie|warum|wann|wo|weshalb|wer) (?:ist|sind|war|waren|hat|haben|macht|tut|kann|können) (?:er|diese|dieser|dieses|jener)`, "von"),

		// French, Spanish, Italian, Portuguese
		lean(onText, `(?:le|ce|du|au|cet) (?:texte|passage|document|extrait|contexte|paragraphe)`, "de d du des"),
		lean(onText, `(?:l|cet|cette) (?:auteur|auteure|autrice|extrait)`, "de d du des"),
		lean(onSource, `(?:selon|d après) (?:(?:le|la|ce|cette|cet|l) )(?:texte|passage|document|extrait|contexte|auteur|article|tableau|paragraphe)`),
		lean(onPlace, `ci (?:dessus|dessous|après|contre)`),
		lean(onText, `(?:el|este|ese|del|al) (?:texto|pasaje|documento|fragmento|extracto|contexto|párrafo)`, "de del"),
		lean(onText, `(?:el|la|del) (?:autor|autora)`, "de del"),
		lean(onSource, `(?:según|de acuerdo con) (?:el|la|este|esta|lo) (?:texto|pasaje|documento|fragmento|extracto|contexto|párrafo|autor|autora|artículo|tabla|anterior)`),
		lean(onPlace, `(?:mencionad|descrit|indicad|citad)[oa]s? (?:aquí|arriba|anteriormente|abajo)`),
		lean(onText, `(?:il|questo|nel|del|dal|al|sul) (?:testo|brano|documento|passaggio|estratto|contesto|paragrafo)`, "di del della dei"),
		lean(onText, `(?:l|dell|all|dall) (?:autore|autrice|estratto)`, "di del della"),
		lean(onSource, `secondo (?:il|la|l|questo|quanto) (?:testo|brano|documento|passaggio|estratto|contesto|autore|autrice|riportato)`),
		lean(onPlace, `(?:sopra|qui|sotto) (?:menzionat|citat|descritt|indicat)[oaie]`),
		lean(onText, `(?:o|este|neste|deste|no|do|ao) (?:texto|trecho|documento|excerto|contexto|parágrafo|fragmento)`, "de do da dos"),
		lean(onText, `(?:o|a|do|da|pelo) (?:autor|autora)`, "de do da"),
		lean(onSource, `(?:segundo|conforme|de acordo com) (?:o|a|este|esta) (?:texto|trecho|documento|excerto|contexto|passagem|autor|autora|artigo|tabela)`),

		// Dutch, Polish, Russian
		lean(onText, `(?:de|het|deze|dit|bovenstaande) (?:tekst|passage|document|fragment|context|alinea|auteur)`, "van"),
		lean(onSource, `volgens (?:de|het|deze|dit) (?:tekst|passage|document|fragment|context|auteur|artikel|tabel)`),
		lean(onPlace, `(?:hierboven|hieronder|bovengenoemde|onderstaande)`),
		lean(onText, `(?:tekście|tekstu|tekst|fragmencie|fragmentu|dokumencie|dokumentu) (?:opisan|wspomnian|podan|mówi|wynika|zawiera)\p{L}*`),
		lean(onText, `w (?:tym |powyższym |podanym )?(?:tekście|fragmencie|dokumencie|akapicie|kontekście)`, "o"),
		lean(onSource, `(?:według|wg|zgodnie z) (?:tego |tym )?(?:tekstu|tekstem|autora|autorem|dokumentu|dokumentem|fragmentu|fragmentem)`),
		lean(onText, `в (?:этом |данном |приведённом |приведенном )?(?:тексте|отрывке|документе|фрагменте|абзаце)`),
		lean(onSource, `согласно (?:этому |данному )?(?:тексту|отрывку|документу|фрагменту|автору|контексту)`),
		lean(onText, `автор(?:а|у|ом)? (?:текста|статьи|отрывка|считает|говорит|утверждает|пишет)`),
	}
}

// unspacedLeanings are for Chinese and Japanese, over text without spaces.
var unspacedLeanings = []leaning{
	{pattern: regexp.MustCompile(`(?:根据|依据|按照|据)(?:上述|以上|本|该|此|这|所给|给定)?(?:文本|段落|文章|文档|材料|内容|上下文|文字|段)|文中|本文|上文|上述|该文|作者`), reason: onText},
	{pattern: regexp.MustCompile(`(?:この|その|本|上記の|以下の)(?:文章|テキスト|文書|資料|段落|文脈)|本文|文中|上記|筆者|著者`), reason: onText},
}

// Standalone gives the reasons why a question only makes sense beside the text
// it was made from, each with the words that say so; none for a question that
// stands by itself as far as the phrases of a dozen languages tell.
func Standalone(question string) []string {
	w := words(clip(question, questionBytes))
	// Two spaces at the ends: a pattern that ends in one more means the end.
	spaced := "  " + strings.Join(w, " ") + "  "
	var reasons []string
	seen := map[string]bool{}
	for _, l := range candidates(w) {
		if match, ok := l.find(spaced); ok && !seen[l.reason] {
			seen[l.reason] = true
			reasons = append(reasons, l.reason+`: "`+match+`"`)
		}
	}
	joined := strings.Join(w, "")
	if isASCII(joined) {
		return reasons
	}
	for _, l := range unspacedLeanings {
		if match := l.pattern.FindString(joined); match != "" && !seen[l.reason] {
			seen[l.reason] = true
			reasons = append(reasons, l.reason+`: "`+match+`"`)
		}
	}
	return reasons
}

// find is the first match that no harmless word follows.
func (l leaning) find(spaced string) (string, bool) {
	for rest := spaced; ; {
		at := l.pattern.FindStringIndex(rest)
		if at == nil {
			return "", false
		}
		next, _, _ := strings.Cut(rest[at[1]:], " ")
		if !l.followedBy[next] {
			return strings.TrimSpace(rest[at[0]:at[1]]), true
		}
		rest = rest[at[1]-1:]
	}
}

// questionBytes of a question are looked at; no question is longer, hostile
// ones are.
const questionBytes = 16 << 10

// clip cuts text to at most limit bytes; a rune cut in two reads as U+FFFD,
// which is no word.
func clip(text string, limit int) string { return text[:min(len(text), limit)] }
