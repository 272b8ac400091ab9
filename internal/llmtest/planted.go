package llmtest

import (
	"fmt"
	"strings"
)

// rule is something that its judge wants and that its writer does only when the
// instruction says so. Only the planted one is worth anything to the judge.
type rule struct {
	sentence string // the instruction that brings it about
	sign     string // what is in a question that follows it
	reason   string // what the judge says of one that does not
	worth    int
}

// planted is first.
var rules = []rule{
	{"Say for which season the question is asked.", "this season", "It leaves open which season is meant.", 2},
	{"Begin politely.", "Please tell me,", "It could be more polite.", 0},
	{"Name the reader's trade.", "in my trade", "It does not name the reader's trade.", 0},
	{"Ask for one thing only.", "above all", "It asks for more than one thing.", 0},
}

// Planted answers as the server does by itself, in a world where one rule is worth
// much to the judge, and no demonstration brings it about: its writer follows a
// rule only where the instruction gives it. Demonstrations help too, in another
// way. Its judge gives one reason for what it did not like, seldom the one that
// counts; its teacher, asked for a better instruction, adds the rule behind one of
// the reasons that it is shown, and that it is not told was tried.
func Planted(r Request) string {
	given := map[string]string{}
	for _, f := range sections(r.Last()) {
		given[f.name] = f.value
	}
	if current, teaching := given["current_instruction"]; teaching {
		return reply("findings", "See what was said.", "new_instruction", current+" "+remedy(given["examples"], given["tried"]))
	}
	if predicted, judging := given["predicted_question"]; judging {
		return plantedJudgement(given["chunk_text"], predicted)
	}
	text := answer(r, 0)
	if _, planning := given["query_type"]; !planning {
		return text
	}
	signs := ""
	for _, rule := range rules {
		if strings.Contains(r.System(), rule.sentence) {
			signs += " " + rule.sign
		}
	}
	return strings.Replace(text, "?", signs+"?", 1)
}

// plantedJudgement is 1 to 3 by the chunk, one more for a word that demonstrations
// teach, and what the rules that were followed are worth.
func plantedJudgement(chunk, predicted string) string {
	score := 1 + int(digest("planted", chunk)%3)
	var missing []string
	for _, rule := range rules {
		if strings.Contains(predicted, rule.sign) {
			score += rule.worth
		} else {
			missing = append(missing, rule.reason)
		}
	}
	if strings.Contains(predicted, better[0]) {
		score++
	}
	reason := "It is good."
	if score = min(score, 5); score < 5 && len(missing) > 0 {
		reason = missing[digest("reason", chunk, predicted)%uint64(len(missing))]
	}
	return reply("reason", reason, "score", fmt.Sprint(score))
}

// remedy is the sentence for one of the reasons in the text that was not tried.
func remedy(examples, tried string) string {
	var found []string
	for _, rule := range rules {
		if strings.Contains(examples, rule.reason) && !strings.Contains(tried, rule.sentence) {
			found = append(found, rule.sentence)
		}
	}
	if len(found) == 0 {
		return "Take care."
	}
	return found[digest("remedy", examples)%uint64(len(found))]
}
