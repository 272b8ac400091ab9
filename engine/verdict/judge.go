package verdict

import (
	"context"
	"strconv"
	"strings"

	"qgen-sidecar/engine/program"
)

// JudgeInstructions are what the judge is asked where lm.judge names nothing else.
const JudgeInstructions = "Is the Predicted Question as good or better than the Gold Standard Question, " +
	"based on the provided text? Assess on clarity, specificity, and relevance. Answer with a score from 1 to 5."

// Judge scores questions beside gold questions, by an LM. Safe for concurrent use.
type Judge struct {
	model     program.Model
	predictor *program.Predictor
}

// NewJudge is a judge that is asked with the instructions, "" the default
// wording.
func NewJudge(model program.Model, instructions string) *Judge {
	return &Judge{model: model, predictor: judgePredictor(instructions)}
}

// Judgement is a judge's answer: Score 1–5.
type Judgement struct {
	Score  int
	Reason string
}

// judgePredictor is what a judge is asked with. The reason comes before the score
// so that the score follows from it.
func judgePredictor(instructions string) *program.Predictor {
	if strings.TrimSpace(instructions) == "" {
		instructions = JudgeInstructions
	}
	return &program.Predictor{Name: "judge", Signature: program.Signature{
		Name:         "AssessQuestion",
		Instructions: instructions,
		Inputs: []program.Field{
			{Name: "chunk_text", Prefix: "Chunk Text:"},
			{Name: "persona_description", Prefix: "Persona Description:"},
			{Name: "gold_question", Prefix: "Gold Question:", Desc: "the Gold Standard Question"},
			{Name: "predicted_question", Prefix: "Predicted Question:", Desc: "the Predicted Question"},
		},
		Outputs: []program.Field{
			// a score without its reason is still a score
			{Name: "reason", Prefix: "Reason:", Desc: "one or two sentences", Optional: true},
			{Name: "score", Prefix: "Score:", Kind: program.Integer, Min: 1, Max: 5},
		},
	}}
}

// Score asks the judge about one predicted question; rollout > 0 asks again
// independently (repeats). A reply that cannot be read is drawn again as often
// as program.Predict does and then is a *program.ReplyError, never a score.
func (j *Judge) Score(ctx context.Context, chunk, persona, gold, predicted string, rollout int, fresh bool) (Judgement, error) {
	o := program.RunOptions{Rollout: rollout, Fresh: fresh}
	out, answer, err := program.Predict(ctx, j.model, j.predictor, pair(chunk, persona, gold, predicted), o)
	if err != nil {
		return Judgement{}, err
	}
	return readJudgement(out, answer.Text)
}

func pair(chunk, persona, gold, predicted string) program.Values {
	return program.Values{
		"chunk_text": chunk, "persona_description": persona,
		"gold_question": gold, "predicted_question": predicted,
	}
}

// Messages are what Score asks.
func (j *Judge) Messages(chunk, persona, gold, predicted string) []program.Message {
	return j.predictor.Messages(pair(chunk, persona, gold, predicted))
}

func readJudgement(out program.Values, reply string) (Judgement, error) {
	score, err := strconv.Atoi(strings.TrimSpace(out["score"]))
	if err != nil || score < 1 || score > 5 {
		return Judgement{}, &program.ReplyError{Role: "judge", Predictor: "judge", Reply: reply,
			Reason: "score: expected a whole number from 1 to 5, found " + strconv.Quote(out["score"])}
	}
	return Judgement{Score: score, Reason: strings.TrimSpace(out["reason"])}, nil
}
