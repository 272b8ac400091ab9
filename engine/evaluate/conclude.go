package evaluate

import (
	"fmt"
	"strings"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/engine/verdict"
)

// fewFlips: a judge that changes its mind more often is noise.
const fewFlips = 0.1

// conclude turns rows into the result, and writes the report if asked.
func (j *Job) conclude(rows []row, agreement *api.JudgeAgreement) (*api.EvaluateResult, error) {
	baseline, better := columns(rows)
	comparison := verdict.Compare(outcomes(baseline), outcomes(better))
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
		Judge: judge, GoldOverlap: api.GoldOverlap{Baseline: likeness(rows, baseline), Optimized: likeness(rows, better)}, Warnings: append([]string{}, j.warnings...)}
	result.Usage = j.call.Usage()
	shown := pages(rows)
	result.Examples = j.telling(rows, shown)
	return result, j.report(result, comparison, shown, baseline, better)
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
