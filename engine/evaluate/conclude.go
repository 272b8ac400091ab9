package evaluate

import (
	"fmt"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/engine/verdict"
)

// fewFlips: a judge that changes its mind more often is noise.
const fewFlips = 0.1

// conclude turns rows into the result, and writes the report if asked.
func (j *Job) conclude(rows []row, agreement *api.JudgeAgreement) (*api.EvaluateResult, error) {
	before, after := make([]verdict.Outcome, len(rows)), make([]verdict.Outcome, len(rows))
	for i, r := range rows {
		before[i], after[i] = r.baseline.outcome(), r.better.outcome()
	}
	comparison := verdict.Compare(before, after)
	comparison.Difference.Verdict += metric.Mark(agreement)
	judge := j.judgeInfo(rows, agreement)
	if judge.Flips != nil && *judge.Flips > fewFlips {
		j.warnings = append(j.warnings, fmt.Sprintf("the judge contradicts itself on %.0f %% of the questions: ask it more often (repeats) or another one", 100**judge.Flips))
	}
	if lost := comparison.Baseline.Errors + comparison.Optimized.Errors; lost > 0 {
		j.warnings = append(j.warnings, fmt.Sprintf("%d of %d answers have no score because a call failed; they are in no average", lost, 2*len(rows)))
	}
	result := &api.EvaluateResult{ProgramUsed: j.better.Used(), N: len(rows), Split: j.split,
		Baseline: comparison.Baseline, Optimized: comparison.Optimized, Difference: comparison.Difference,
		Wins: comparison.Wins, Ties: comparison.Ties, Losses: comparison.Losses,
		Judge: judge, GoldOverlap: api.GoldOverlap{Baseline: likeness(rows, column(rows, false)), Optimized: likeness(rows, column(rows, true))}, Warnings: append([]string{}, j.warnings...), Examples: j.telling(rows)}
	result.Usage = j.call.Usage()
	return result, j.report(result, comparison, rows)
}

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

// judgeInfo is who judged, and what speaks against it.
func (j *Job) judgeInfo(rows []row, agreement *api.JudgeAgreement) api.JudgeInfo {
	info := api.JudgeInfo{Model: j.scorer.Model(), Flips: j.flips(rows), Warning: j.judgeWarning(), Agreement: agreement}
	if agreement != nil && agreement.N > 0 {
		info.Kappa = &agreement.Kappa
	}
	if against := metric.Warning(agreement); against != "" {
		j.warnings = append(j.warnings, against)
		info.Warning = strings.TrimPrefix(info.Warning+"; "+against, "; ")
	}
	return info
}

// telling picks the examples worth reading by the report's rule, so that the
// page, the result and the terminal show the same ones.
func (j *Job) telling(rows []row) []api.EvaluateExample {
	examples := []api.EvaluateExample{}
	for _, i := range report.Pick(pages(rows), j.shown) {
		examples = append(examples, rows[i].example())
	}
	return examples
}

func (r row) example() api.EvaluateExample {
	return api.EvaluateExample{ChunkText: r.gold.ChunkText, PersonaDescription: r.gold.PersonaDescription, GoldQuestion: r.gold.GoldQuestion,
		Unoptimized: r.baseline.scored(), Optimized: r.better.scored()}
}

// column is one side's outputs.
func column(rows []row, better bool) []output {
	out := make([]output, len(rows))
	for i, r := range rows {
		if out[i] = r.baseline; better {
			out[i] = r.better
		}
	}
	return out
}
