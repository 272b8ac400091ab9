package llmtest

import (
	"fmt"
	"strings"
)

// ByFields answers from the marked fields that a request shows, demonstrations
// included, whatever the words around them: two clients with other prompts but
// equal fields get equal answers. Asked for a score, it gives pass in a hundred
// pairs of chunk and predicted question 4 or 5, and the others 1 to 3.
//
// Set it with [Load], or with [Server.Handle] to have the requests kept.
func ByFields(pass int) func(Request) string {
	return func(r Request) string {
		given := markedFields(r.Last())
		values := map[string]string{}
		for _, f := range given {
			values[f.name] = f.value
		}
		if predicted, judged := values["predicted_question"]; judged {
			return judgedByFields(values["chunk_text"], predicted, pass)
		}
		var shown []string
		for _, m := range r.Messages {
			if m.Role == "system" {
				continue
			}
			for _, f := range markedFields(m.Content) {
				shown = append(shown, f.name+"="+f.value)
			}
		}
		h := digest(shown...)
		if _, planned := values["query_type"]; planned {
			return reply("query", fmt.Sprintf("What does %08x mean for me?", h>>32))
		}
		return reply("query_type", queryTypes[h%4], "query_format", queryFormats[h>>8%3])
	}
}

func judgedByFields(chunk, predicted string, pass int) string {
	h := digest("judge", chunk, predicted)
	score := 1 + h>>32%3
	if int(h%100) < pass {
		score = 4 + h>>32%2
	}
	return reply("reason", fmt.Sprintf("It is a %d.", score), "score", fmt.Sprint(score))
}

func reply(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "[[ ## %s ## ]]\n%s\n\n", pairs[i], pairs[i+1])
	}
	return b.String() + "[[ ## completed ## ]]"
}

// notGiven begin what stands in the place of a value that a demonstration does
// not have: in DSPy's words, and in ours.
var notGiven = []string{"Not supplied for this particular example", "(left out of this example"}

// markedFields reads the fields whose markers stand on a line of their own, but
// for values that are not given; what is asked for inside a line is no value.
func markedFields(text string) []section {
	var out []section
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		name, opened := strings.CutPrefix(line, "[[ ## ")
		name, closed := strings.CutSuffix(name, " ## ]]")
		switch {
		case opened && closed:
			out = append(out, section{name: name})
		case len(out) > 0 && line != "" && !strings.HasPrefix(line, askingLine):
			out[len(out)-1].value += line + "\n"
		}
	}
	kept := out[:0]
	for _, f := range out {
		if f.name != "completed" && !strings.HasPrefix(f.value, notGiven[0]) && !strings.HasPrefix(f.value, notGiven[1]) {
			kept = append(kept, f)
		}
	}
	return kept
}
