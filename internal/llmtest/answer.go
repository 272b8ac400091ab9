package llmtest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	queryTypes   = []string{"factual", "how-to", "comparison", "troubleshooting"}
	queryFormats = []string{"direct question", "scenario", "keyword query"}
	// better are the words that the judge likes and demonstrations teach.
	better    = []string{"specifically", "exactly"}
	templates = []string{
		"What%s does the passage say about %s and %s?",
		"How%s are %s and %s related?",
		"Why%s does %s matter for %s?",
		"When%s should someone who meets %s think of %s?",
		"Which%s facts about %s concern %s?",
		"Where%s does %s touch %s?",
	}
)

// writer makes up the values of one reply. Equal requests make equal writers.
type writer struct {
	r      Request
	inputs []section
	draw   int
	used   map[string]bool // questions already given in this reply
}

// answer is the default reply to r; draw > 0 is another sample of it.
func answer(r Request, draw int) string {
	w := &writer{r: r, inputs: sections(r.Last()), draw: draw, used: map[string]bool{}}
	if schema := schemaOf(r.ResponseFormat); schema != nil {
		return quote(w.schemaValue("", schema, schema))
	}
	fields := outputFields(r)
	switch {
	case len(fields) > 0 && wantsJSON(r):
		return w.object(fields)
	case len(fields) > 0:
		return w.marked(fields)
	case strings.Contains(r.Last(), "What is 2+2?"):
		return "4"
	}
	return "You said: " + firstRunes(strings.TrimSpace(r.Last()), 80)
}

func (w *writer) marked(fields []string) string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "[[ ## %s ## ]]\n%v\n\n", f, w.value(f, choices(w.r, f)))
	}
	return b.String() + "[[ ## completed ## ]]"
}

func (w *writer) object(fields []string) string {
	values := map[string]any{}
	for _, f := range fields {
		values[f] = w.value(f, choices(w.r, f))
	}
	return quote(values)
}

// value makes up one field by its name and its allowed values.
func (w *writer) value(field string, allowed []string) any {
	base := strings.TrimRight(strings.TrimRight(field, "0123456789"), "_")
	last := base[strings.LastIndexByte(base, '_')+1:]
	switch {
	case len(allowed) > 0:
		return w.choose(field, allowed)
	case last == "type":
		return w.pick(field, queryTypes)
	case last == "format":
		return w.pick(field, queryFormats)
	case last == "score" || last == "rating":
		return w.score()
	case strings.Contains(base, "question") || strings.Contains(base, "query"):
		return w.question(field)
	case last == "answer":
		return "The passage speaks of " + strings.Join(w.topic(field), " and ") + "."
	}
	return "It rests on " + strings.Join(w.topic(field), " and ") + " in the passage."
}

// choose takes "yes" where it may, so that checks pass unless a test scripts
// them to fail.
func (w *writer) choose(field string, allowed []string) string {
	for _, a := range allowed {
		if strings.EqualFold(a, "yes") || strings.EqualFold(a, "true") {
			return a
		}
	}
	return w.pick(field, allowed)
}

// question names two words of the chunk and is none that this reply, or the
// request, already has.
func (w *writer) question(field string) string {
	extra := ""
	if k := w.skill(); k > 0 {
		extra = " " + strings.Join(better[:k], " and ")
	}
	for try := 0; ; try++ {
		salt := fmt.Sprintf("%s/%d", field, try)
		topic := w.topic(salt)
		q := fmt.Sprintf(w.pick(salt, templates), extra, topic[0], topic[1])
		if try == 50 || !w.used[q] && !strings.Contains(w.r.Last(), q) {
			w.used[q] = true
			return q
		}
	}
}

// skill is how many of the judge's favourite words the demonstrations have
// taught: more demonstrations, more of them, with some luck of the draw.
func (w *writer) skill() int {
	demos := w.r.Demos()
	k := min(len(demos), 1)
	if len(demos) >= 3 {
		k = 2
	}
	if k > 0 && w.hash("skill"+strings.Join(demos, "\n"))%4 == 0 {
		k--
	}
	return k
}

// score judges the predicted question: 2 to 4 by its hash, and one more for
// each word the judge likes.
func (w *writer) score() int {
	predicted := w.predicted()
	score := 2 + int(digest("score", predicted)%3)
	for _, word := range better {
		if strings.Contains(predicted, word) {
			score++
		}
	}
	return min(score, 5)
}

// predicted is the input that is judged: the one named so, else the last
// question that is not the gold one, else everything.
func (w *writer) predicted() string {
	found := w.r.Last()
	for _, s := range w.inputs {
		if strings.Contains(s.name, "predicted") || strings.Contains(s.name, "candidate") {
			return s.value
		}
		if !strings.Contains(s.name, "gold") && (strings.Contains(s.name, "question") || s.name == "query") {
			found = s.value
		}
	}
	return found
}

// topic is two different words of the chunk, long ones if there are.
func (w *writer) topic(salt string) []string {
	var long, any []string
	seen := map[string]bool{}
	for _, word := range words(w.chunk()) {
		if n := utf8.RuneCountInString(word); !seen[word] {
			seen[word] = true
			any = append(any, word)
			if n >= 6 {
				long = append(long, word)
			}
		}
	}
	if len(long) < 2 {
		long = append(any, "this", "that")
	}
	i := int(w.hash("topic"+salt) % uint64(len(long)))
	j := (i + 1 + int(w.hash("second"+salt)%uint64(len(long)-1))) % len(long)
	return []string{long[i], long[j]}
}

// chunk is the input called so, else the longest input, else the whole turn.
func (w *writer) chunk() string {
	longest := ""
	for _, s := range w.inputs {
		if s.name == "chunk_text" || s.name == "passage" || s.name == "context" {
			return s.value
		}
		if len(s.value) > len(longest) {
			longest = s.value
		}
	}
	if longest == "" {
		return w.r.Last()
	}
	return longest
}

func (w *writer) pick(salt string, from []string) string {
	return from[w.hash("pick"+salt)%uint64(len(from))]
}

// hash depends on the last turn and the draw alone, so that values do not jump
// with the wording of the system message.
func (w *writer) hash(salt string) uint64 {
	return digest(salt, fmt.Sprint(w.draw), w.r.Last())
}

func digest(parts ...string) uint64 {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return binary.BigEndian.Uint64(sum[:8])
}

func quote(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
