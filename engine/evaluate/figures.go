package evaluate

import (
	"slices"

	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/verdict"
)

// Figures over all rows.

// likeness is the mean similarity of a side's questions to the gold questions,
// nil when it wrote none.
func likeness(rows []row, outputs []output) *float64 {
	sum, n := 0.0, 0
	for i, o := range outputs {
		if o.there {
			sum += quality.Similarity(o.prediction.Query, rows[i].gold.GoldQuestion)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	mean := sum / float64(n)
	return &mean
}

// flips is the share of outputs whose repeated judgements do not agree on
// success; nil without repeats.
func (j *Job) flips(rows []row) *float64 {
	if j.repeats < 2 {
		return nil
	}
	flipped, judged := 0, 0
	for _, r := range rows {
		for _, o := range []output{r.baseline, r.better} {
			if o.err != nil {
				continue
			}
			judged++
			low, high := slices.Min(o.scores), slices.Max(o.scores)
			if low < j.scorer.Threshold && high >= j.scorer.Threshold {
				flipped++
			}
		}
	}
	if judged == 0 {
		return nil
	}
	rate := float64(flipped) / float64(judged)
	return &rate
}

// price is what a question of one side takes, of those that were asked and not
// answered by the cache; nil without any.
func price(outputs []output) *report.Price {
	p, tokens, usd, unknown := &report.Price{}, 0, 0.0, false
	var took []float64
	for _, o := range outputs {
		if !o.there || o.usage.Calls == 0 || o.usage.Cached > 0 {
			continue
		}
		p.Questions++
		tokens += o.usage.PromptTokens + o.usage.CompletionTokens
		took = append(took, o.took.Seconds())
		if o.usage.USD == nil {
			unknown = true
		} else {
			usd += *o.usage.USD
		}
	}
	if p.Questions == 0 {
		return nil
	}
	slices.Sort(took)
	p.Tokens, p.P50S = float64(tokens)/float64(p.Questions), took[len(took)/2]
	if mean := usd / float64(p.Questions); !unknown {
		p.USD = &mean
	}
	return p
}

// columns are the outputs of each side.
func columns(rows []row) (baseline, better []output) {
	for _, r := range rows {
		baseline, better = append(baseline, r.baseline), append(better, r.better)
	}
	return baseline, better
}

func outcomes(outputs []output) []verdict.Outcome {
	out := make([]verdict.Outcome, len(outputs))
	for i, o := range outputs {
		out[i] = o.outcome()
	}
	return out
}
