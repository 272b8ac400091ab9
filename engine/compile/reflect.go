package compile

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/clip"
)

// What the teacher is asked when an optimiser reflects: one step of the program,
// its instruction, what it made of a few training examples and what was said of
// that, and what the person who picked the gold questions changed or turned down.

const reflectInstructions = `You improve one step of a program that writes questions about chunks of text. All that you can change is the step's instruction.
Read what the program did with the examples, what was said of its questions, which checks they failed, and what a person asked of the same chunks. Find what the bad ones have in common and what the good ones do right. Do not propose again what was tried.
Then write the step's whole new instruction, for a model that sees nothing else but the inputs of one example at a time:
- keep what works in the current instruction, and add what was missing, as plain rules that hold for any chunk;
- do not speak of the chunks, names and subjects of these examples, which will not come again;
- name the inputs and outputs as the step does, and ask for no other outputs;
- at most 300 words.`

const (
	// instructionMost is the longest instruction that is taken, in characters: it
	// is paid for with every call from then on. 300 words, and room.
	instructionMost = 3000
	// shownChunk is how much of a chunk the teacher sees.
	shownChunk = 1500
	// shownShort is how much of a question and of a reason stands in one line.
	shownShort = 300
)

// reflectTemperature lets proposals differ that learn from the same examples; as
// with DSPy's.
const reflectTemperature = 1.0

// reflect asks the teacher for a better instruction.
func (j *Job) reflect(ctx context.Context, r optimize.Reflection) (string, error) {
	warm := reflectTemperature
	out, _, err := program.Predict(ctx, j.teacher, reflectPredictor(), j.reflectInputs(r), program.RunOptions{Rollout: r.Draw, Temperature: &warm, Fresh: j.call.Fresh})
	if err != nil {
		return "", err
	}
	return checkInstruction(out["new_instruction"])
}

func checkInstruction(text string) (string, error) {
	text = strings.TrimSpace(strings.Trim(strings.TrimSpace(text), "`"))
	switch n := len([]rune(text)); {
	case n > instructionMost:
		return "", fmt.Errorf("expected an instruction of at most %d characters, found %d", instructionMost, n)
	case strings.Contains(text, "[[ ##"):
		return "", fmt.Errorf("expected an instruction without the layout's markers, found %q", clip.Runes(text, 200))
	}
	return text, nil
}

// reflectPredictor is made once: its head is rendered once.
var reflectPredictor = sync.OnceValue(func() *program.Predictor {
	describe := func(name, desc string) program.Field {
		f := program.NewField(name)
		f.Desc = desc
		return f
	}
	findings := describe("findings", "what goes wrong and why, in a few sentences")
	findings.Optional = true
	return &program.Predictor{Name: "teacher", Signature: program.Signature{
		Name: "ImproveInstruction", Instructions: reflectInstructions,
		Inputs: []program.Field{describe("step", "what the step gets and gives"), describe("current_instruction", "the step's instruction as it is"),
			describe("tried", "instructions that were tried in its place and did no better"),
			describe("examples", "what the program did"), describe("person", "what a person changed, turned down, or thought of outputs")},
		Outputs: []program.Field{findings, describe("new_instruction", "the whole instruction, ready to be used")},
	}}
})

func (j *Job) reflectInputs(r optimize.Reflection) program.Values {
	pr := r.Program.Predictor(r.Predictor)
	var records []string
	for i, rec := range r.Records {
		records = append(records, fmt.Sprintf("Example %d: %s", i+1, j.told(rec)))
	}
	if len(r.Earlier) > 0 {
		records = append(records, "In short, of others:\n"+listed(j.inShort(r.Earlier), ""))
	}
	return program.Values{"step": stepLine(pr), "current_instruction": pr.Signature.Instructions,
		"tried": listed(r.Tried, "none yet"), "examples": strings.Join(records, "\n\n"), "person": j.lessons().told(r.Draw)}
}

// stepLine: "generator: gets chunk_text, persona_description, …; gives query".
func stepLine(pr *program.Predictor) string {
	line := pr.Name + ": gets " + program.Names(pr.Signature.Inputs) + "; gives " + program.Names(pr.Signature.Outputs)
	if pr.Name == "analyzer" {
		line += ". Another step then writes the question, query, of these."
	}
	return line
}

// told is one run in words.
func (j *Job) told(r optimize.Record) string {
	var b strings.Builder
	switch {
	case r.Err != nil:
		b.WriteString("no question came of it")
	case r.Score.Success:
		fmt.Fprintf(&b, "good, %g of 5", r.Score.Value)
	default:
		fmt.Fprintf(&b, "not good enough, %g of 5 (%g is wanted)", r.Score.Value, j.scorer.Threshold)
	}
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "\n- %s: %s", name, value)
		}
	}
	line("chunk_text", clip.Runes(r.Example.Values["chunk_text"], shownChunk))
	line("persona_description", r.Example.Values["persona_description"])
	for _, step := range r.Prediction.Trace {
		for _, name := range []string{"query_type", "query_format", "query"} {
			line(name, step.Outputs[name])
		}
	}
	line("a person asked", r.Example.Values["query"])
	if r.Err != nil {
		line("what went wrong", r.Err.Error())
	}
	line("what was said of it", r.Score.Reason)
	return b.String()
}

// inShort is a line for each run: what came of it and what was said.
func (j *Job) inShort(records []optimize.Record) []string {
	out := make([]string, len(records))
	for i, r := range records {
		switch {
		case r.Err != nil:
			out[i] = "no question came of it: " + clip.Runes(r.Err.Error(), 200)
		default:
			out[i] = fmt.Sprintf("%g of 5: %s (%s)", r.Score.Value, clip.Runes(r.Prediction.Query, shownShort), clip.Runes(r.Score.Reason, shownShort))
		}
	}
	return out
}

func listed(items []string, none string) string {
	if len(items) == 0 {
		return none
	}
	return "- " + strings.Join(items, "\n- ")
}
