package compile

import (
	"context"
	"slices"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/estimate"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
)

// dryRun of a compile: what the optimiser plans, priced, less what an earlier
// compile has been answered already.
func (j *Job) dryRun(ctx context.Context) (*api.DryRunResult, error) {
	task := j.optimizeTask(ctx)
	task.Progress = nil
	if err := optimize.Recall(ctx, task, j.settings); err != nil {
		return nil, err
	}
	plan := optimize.Plan(task, j.settings)
	b := &bill{estimate.New(j.Config, j.Models)}
	dev := j.dev
	if len(dev) == 0 { // scored on what it was taught with
		dev = j.train
	}
	for i, p := range plan.Predictors {
		predictor := j.start.Program.Predictors[i]
		demos, tried := j.demoTokens(predictor, p.Labelled), dev
		if plan.Reflections.Most > 0 { // longer instructions, and training examples too
			demos, tried = demos+instructionMost/estimate.ASCIIPerToken, slices.Concat(dev, j.train)
		}
		b.calling("task", p.Runs, j.promptTokens(predictor, tried), demos)
		b.calling("teacher", p.Teachings, j.promptTokens(predictor, j.train), demos)
	}
	if n := plan.Reflections.Most; n > 0 {
		b.AddReplying("teacher", api.CallRange{AtMost: n}, estimate.Span{0, n * j.reflectTokens()}, estimate.ReplyTokens+instructionMost/estimate.ASCIIPerToken)
	}
	if j.scorer.Metric.Name == api.MetricJudge {
		b.calling("judge", plan.Judgements, j.judgeTokens(slices.Concat(dev, j.train)), 0)
	}
	if j.scorer.AsksAnswerable() { // of successes alone, and nobody knows how many
		b.calling("judge", optimize.Range{Most: plan.Judgements.Most}, j.answerTokens(slices.Concat(dev, j.train)), 0)
	}
	b.Less(j.call.Usage().Cached)
	return b.Result(), nil
}

// bill is what a compile puts its calls on.
type bill struct{ *estimate.Bill }

// calling puts a range of calls on the bill. They are shared evenly by the
// prompts that sizes are of, which may carry so many tokens of demonstrations.
func (b *bill) calling(role string, calls optimize.Range, sizes []estimate.Span, demos int) {
	if len(sizes) == 0 || calls.Most == 0 {
		return
	}
	var sum estimate.Span
	for _, s := range sizes {
		sum = sum.Plus(s)
	}
	rounds := (calls.Most + len(sizes) - 1) / len(sizes)
	b.Add(role, api.CallRange{AtLeast: calls.Least, AtMost: calls.Most}, estimate.Span{sum[0] * calls.Least / len(sizes), sum[1]*rounds + calls.Most*demos})
}

// tokensOfEach are those of a prompt that is made of each entry.
func (j *Job) tokensOfEach(indices []int, prompt func(gold.Entry) []program.Message) []estimate.Span {
	sizes := make([]estimate.Span, len(indices))
	for i, index := range indices {
		sizes[i] = estimate.Tokens(prompt(j.gold[index]))
	}
	return sizes
}

// promptTokens is each entry's prompt to a predictor without demonstrations.
func (j *Job) promptTokens(p *program.Predictor, indices []int) []estimate.Span {
	return j.tokensOfEach(indices, func(g gold.Entry) []program.Message {
		return p.Messages(program.Values{"chunk_text": g.ChunkText, "persona_description": g.PersonaDescription})
	})
}

// writtenTokens is room for what a demonstration's reply holds.
const writtenTokens = 150

// demoTokens is the most that demonstrations add to a predictor's prompts: the
// longest examples, as many as it may show.
func (j *Job) demoTokens(p *program.Predictor, labelled int) int {
	turns := j.promptTokens(p, j.train)
	slices.SortFunc(turns, func(a, b estimate.Span) int { return b[1] - a[1] })
	sum, bare := 0, estimate.Tokens(p.Messages(nil))[1]
	for _, t := range turns[:min(len(turns), max(labelled, j.settings.MaxBootstrappedDemos))] {
		sum += t[1] - bare + writtenTokens
	}
	return sum
}

// reflectTokens is the longest prompt for an instruction: the instruction as it is
// and those that were tried, the training examples with most text, and room for
// what was said of each.
func (j *Job) reflectTokens() int {
	longest := j.examples(j.train)
	slices.SortFunc(longest, func(a, b optimize.Example) int {
		return len(b.Values["chunk_text"]) - len(a.Values["chunk_text"])
	})
	r := optimize.Reflection{Program: j.start.Program, Predictor: "generator"}
	for _, ex := range longest[:min(len(longest), max(1, j.settings.MinibatchSize))] {
		r.Records = append(r.Records, optimize.Record{Example: ex})
	}
	size := estimate.Tokens(reflectPredictor().Messages(j.reflectInputs(r)))
	more := (1+optimize.TriedMost)*instructionMost + optimize.EarlierMost*2*shownShort
	return size[1] + more/estimate.ASCIIPerToken + len(r.Records)*estimate.ReplyTokens
}

// judgeTokens is each entry's prompt to the judge, with the gold question in the
// place of the one to be written.
func (j *Job) judgeTokens(indices []int) []estimate.Span {
	return j.tokensOfEach(indices, func(g gold.Entry) []program.Message {
		return j.scorer.JudgeMessages(g.ChunkText, g.PersonaDescription, g.GoldQuestion, g.GoldQuestion)
	})
}

// answerTokens is each entry's prompt to the gate answerable, of the gold question.
func (j *Job) answerTokens(indices []int) []estimate.Span {
	return j.tokensOfEach(indices, func(g gold.Entry) []program.Message {
		return gate.AnswerPredictor().Messages(program.Values{"chunk_text": g.ChunkText, "question": g.GoldQuestion})
	})
}
