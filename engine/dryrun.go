package engine

import (
	"slices"

	"qgen-sidecar/engine/config"

	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
)

// dryRun of a compile: how many calls it will make, by what the optimiser
// plans. Both ends count calls asked for; what the cache answers is not sent.
//
// At least: each run asks the generator; the analyzer's prompts repeat between
// candidates without its demonstrations, so only those of one candidate count;
// the judge may be spared where two programs write the same question. At most:
// every run asks everything, and every reply needs every attempt that Predict
// allows.
func (j *compiling) dryRun() *DryRunResult {
	plan := optimize.Plan(len(j.train), len(j.dev), j.settings)
	dev := len(j.dev)
	if dev == 0 { // scored on what it was taught with
		dev = len(j.train)
	}
	once := min(dev, plan.RunsAtLeast)
	calls := CallRange{
		AtLeast: plan.RunsAtLeast + plan.TeachAtLeast + once,
		AtMost:  program.MaxAttempts * len(j.start.program.Predictors),
	}
	if j.scorer.metric.Name == metricJudge {
		calls.AtLeast += once
		calls.AtMost += program.MaxAttempts
	}
	calls.AtMost = max(calls.AtLeast, calls.AtMost*(plan.RunsAtMost+plan.TeachAtMost))
	return j.engine.priced(calls, j.examplePrompts(), j.settings.MaxLabeledDemos)
}

// examplePrompts are the texts of one zero-shot run per train and dev entry.
func (j *compiling) examplePrompts() []int {
	var sizes []int
	for _, index := range append(slices.Clone(j.train), j.dev...) {
		in := program.Values{"chunk_text": j.gold[index].ChunkText, "persona_description": j.gold[index].PersonaDescription}
		sizes = append(sizes, promptSizes(j.start.program, in)...)
	}
	return sizes
}

// promptSizes are the bytes of each predictor's prompt.
func promptSizes(p *program.Program, in program.Values) []int {
	sizes := make([]int, 0, len(p.Predictors))
	for _, predictor := range p.Predictors {
		bytes := 0
		for _, m := range predictor.Messages(in) {
			bytes += len(m.Content)
		}
		sizes = append(sizes, bytes)
	}
	return sizes
}

// priced adds tokens and money to a range of calls. Tokens are estimated from
// bytes: six to a token at the least (plain English), two at the most (code,
// other scripts); demos is how many demonstrations a prompt may carry, each
// about as long as a prompt. Money is known when every endpoint that may serve
// the task has prices; minutes when each has a rate limit.
func (e *Engine) priced(calls CallRange, sizes []int, demos int) *DryRunResult {
	r := &DryRunResult{Calls: calls}
	if len(sizes) == 0 {
		return r
	}
	maxTokens := 0
	for _, name := range []string{"task", "teacher", "judge"} {
		role, _ := e.cfg.Role(name)
		maxTokens = max(maxTokens, role.MaxTokens)
	}
	promptLeast := calls.AtLeast * slices.Min(sizes) / 6
	promptMost := calls.AtMost * slices.Max(sizes) / 2 * (1 + demos)
	r.Tokens = &[2]int{promptLeast, promptMost + calls.AtMost*maxTokens}
	r.USD = e.priceRange(promptLeast, promptMost, calls.AtMost*maxTokens)
	if perMinute := e.totalRPM(); perMinute > 0 {
		r.Minutes = &[2]float64{float64(calls.AtLeast) / perMinute, float64(calls.AtMost) / perMinute}
	}
	return r
}

func (e *Engine) priceRange(promptLeast, promptMost, completionMost int) *[2]float64 {
	var low, high float64
	endpoints := e.serving()
	for i, ep := range endpoints {
		if ep.USDPerMTokIn == nil || ep.USDPerMTokOut == nil {
			return nil
		}
		least := float64(promptLeast) * *ep.USDPerMTokIn / 1e6
		most := (float64(promptMost)**ep.USDPerMTokIn + float64(completionMost)**ep.USDPerMTokOut) / 1e6
		if i == 0 || least < low {
			low = least
		}
		high = max(high, most)
	}
	if len(endpoints) == 0 {
		return nil
	}
	return &[2]float64{low, high}
}

// serving are the endpoints that calls may go to.
func (e *Engine) serving() []config.Endpoint {
	if e.host.Complete == nil {
		return e.cfg.Remote()
	}
	return append(e.cfg.Remote(), e.cfg.HostLimits())
}

// totalRPM is what all endpoints allow together, 0 when one is not limited.
func (e *Engine) totalRPM() float64 {
	total := 0
	for _, ep := range e.serving() {
		if ep.RPM == 0 {
			return 0
		}
		total += ep.RPM
	}
	return float64(total)
}
