package optimize

import (
	"context"

	"qgen-sidecar/engine/program"
)

// answer is what came of a run.
type answer struct {
	prediction program.Prediction
	score      Score
	err        error
}

// run is the program on an example, judged.
func (t Task) run(ctx context.Context, p *program.Program, ex Example) answer {
	return t.judged(ctx, ex)(t.Predict(ctx, p, ex))
}

// judged completes an answer with its score.
func (t Task) judged(ctx context.Context, ex Example) func(program.Prediction, error) answer {
	return func(p program.Prediction, err error) answer {
		out := answer{prediction: p, err: err}
		if err == nil {
			out.score, out.err = t.Judge(ctx, ex, p)
		}
		return out
	}
}

// scored is the score, nil if there is none.
func (a answer) scored() *Score {
	if a.err != nil {
		return nil
	}
	return &a.score
}
