package gate

import (
	"context"
	"strings"
	"sync"

	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/clip"
)

const answerInstructions = `Decide whether the chunk alone answers the question, fully and without guessing.
If it does, answer yes and copy the words of the chunk that hold the answer, exactly as they stand there, as the quote. If it does not, answer no and leave the quote empty.`

func (k *Keeper) answerable(ctx context.Context, c *lm.Call, q *Candidate) (string, error) {
	model, err := k.lm.Model(c, "judge")
	if err != nil {
		return "", err
	}
	return AskAnswerable(ctx, model, q.Chunk, q.Question, program.RunOptions{})
}

// AskAnswerable asks whether the chunk answers the question, and holds the model to
// a quote that really stands in the chunk. It gives the reason against, "" when
// there is none.
func AskAnswerable(ctx context.Context, model program.Model, chunk, question string, o program.RunOptions) (string, error) {
	in := program.Values{"chunk_text": chunk, "question": question}
	out, _, err := program.Predict(ctx, model, AnswerPredictor(), in, o)
	if err != nil {
		return "", err
	}
	quote := plainWords(out["quote"])
	switch {
	case out["answerable"] != "yes":
		return "the chunk does not answer it", nil
	case quote == "" || !strings.Contains(plainWords(chunk), quote):
		return "the answer that was quoted does not stand in the chunk", nil
	}
	return "", nil
}

// AnswerPredictor is made once: its head is rendered once.
var AnswerPredictor = sync.OnceValue(func() *program.Predictor {
	answerable, quote := program.NewField("answerable"), program.NewField("quote")
	answerable.Kind, answerable.Choices = program.OneOf, []string{"yes", "no"}
	quote.Optional = true
	return &program.Predictor{Name: "judge", Signature: program.Signature{
		Name: "AnswerableFromChunk", Instructions: answerInstructions,
		Inputs:  []program.Field{program.NewField("chunk_text"), program.NewField("question")},
		Outputs: []program.Field{answerable, quote},
	}}
})

// plainWords forgives case, blanks and quotation marks around a quote.
func plainWords(s string) string {
	return strings.Trim(strings.ToLower(clip.OneLine(s)), "\"'“”‘’«».… ")
}
