package suggest

import (
	"fmt"

	"qgen-sidecar/engine/program"
)

// suggestInstructions are our own words: what makes a question worth picking.
const suggestInstructions = `Read the chunk and think of what the persona would really want to know of it.
Write different questions, each about another point or of another kind, that the chunk answers.
Each question stands by itself: it names its subject and does not mention the text, the chunk or the passage.
Use the language of the chunk. For each question name its type and its format in a few words.
Questions picked before show what kind of question is wanted: their tone and length, not their subjects.`

// suggestKinds are asked for in turn where questions are asked for one at a
// time and the config names no query types: calls that do not know of each other
// would else ask the same.
var suggestKinds = []string{"a fact", "how something is done", "why something is so", "a comparison", "a problem and what helps"}

func numbered(field string, i int) string { return fmt.Sprintf("%s_%d", field, i) }

// suggestPredictor asks for n questions with their types and formats, which may
// be missing unless the config limits them to a list.
func suggestPredictor(n int, o program.Options) *program.Predictor {
	s := program.Signature{
		Name:         "SuggestQuestions",
		Instructions: suggestInstructions,
		Inputs: []program.Field{program.NewField("chunk_text"), program.NewField("persona_description"), program.NewField("questions_picked_before"),
			program.NewField("questions_already_there"), {Name: "wanted_like", Prefix: "Wanted Like:", Desc: "write others of the same kind, tone and length as this one"}},
	}
	for i := 1; i <= n; i++ {
		s.Outputs = append(s.Outputs, program.NewField(numbered("question", i)),
			choiceField(numbered("query_type", i), o.QueryTypes), choiceField(numbered("query_format", i), o.QueryFormats))
	}
	return &program.Predictor{Name: "task", Signature: s}
}

// kindPredictor asks for one question of a given kind.
func kindPredictor(o program.Options) *program.Predictor {
	p := suggestPredictor(1, o)
	p.Signature.Inputs = append(p.Signature.Inputs, program.NewField("kind_of_question"))
	return p
}

func choiceField(name string, choices []string) program.Field {
	f := program.NewField(name)
	if len(choices) > 0 {
		f.Kind, f.Choices = program.OneOf, choices
		return f
	}
	f.Optional = true
	return f
}
