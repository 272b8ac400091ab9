package evaluate

import (
	"context"
	"time"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/verdict"
)

// row is one example with both outcomes.
type row struct {
	gold     gold.Entry
	baseline output
	better   output
}

// output is one side's question and its scores.
type output struct {
	prediction program.Prediction
	there      bool // a question was written
	scores     []float64
	success    bool
	reason     string
	err        error
	took       time.Duration // of the question; with usage
	usage      api.Usage     // of the question alone
}

// output asks one side for its question and has it judged `repeats` times. The
// score is the mean, a success is a mean at or above the threshold.
func (j *Job) output(ctx context.Context, s *side, g gold.Entry) output {
	o := output{}
	ex := g.Values()
	asking, paid := lm.Apart(ctx)
	began := time.Now()
	if o.prediction, o.err = s.predict(asking, g, gold.Inputs(ex)); o.err != nil {
		return o
	}
	o.there, o.took, o.usage = true, time.Since(began), paid()
	gated := true
	for rollout := range j.repeats {
		score, err := j.scorer.Score(ctx, ex, o.prediction.Query, rollout)
		if err != nil {
			o.err = err
			return o
		}
		o.scores = append(o.scores, score.Value)
		if rollout == 0 {
			o.reason = score.Reason
		}
		// Gates are asked only where the score suffices; a mean that does has
		// such a score among its own.
		gated = gated && (score.Success || score.Value < j.scorer.Threshold)
	}
	o.success = gated && o.mean() >= j.scorer.Threshold
	return o
}

func (s *side) predict(ctx context.Context, g gold.Entry, in program.Values) (program.Prediction, error) {
	if s.file != nil {
		return s.file.of(g)
	}
	return s.Program.Run(ctx, s.model, in, program.RunOptions{})
}

// mean score; only asked for when there is one.
func (o output) mean() float64 {
	sum := 0.0
	for _, s := range o.scores {
		sum += s
	}
	return sum / float64(len(o.scores))
}

func (o output) outcome() verdict.Outcome {
	if o.err != nil {
		return verdict.Outcome{}
	}
	return verdict.Outcome{Scored: true, Score: o.mean(), Success: o.success}
}

func (o output) scored() api.ScoredOutput {
	out := api.ScoredOutput{Reason: o.reason}
	if o.there {
		out.Query = &o.prediction.Query
	}
	if o.err != nil {
		out.Error = o.err.Error()
		return out
	}
	mean := o.mean()
	out.Score = &mean
	return out
}
