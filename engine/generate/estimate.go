package generate

import (
	"context"
	"slices"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/estimate"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/store"
)

// dryRun looks at every chunk and the journal, and asks no model. What lies in
// the reply cache without being in the journal is not taken off.
func (g *Generator) dryRun(ctx context.Context, call *lm.Call, p api.GenerateAllParams) (*api.DryRunResult, error) {
	j, err := g.newJob(call, p)
	if err != nil {
		return nil, err
	}
	if err := j.load(p); err != nil {
		return nil, err
	}
	if err := j.recall(); err != nil {
		return nil, err
	}
	c := &counting{Job: j, answerable: slices.Contains(j.gates, gate.Answerable)}
	if err := g.Store.EachChunk(ctx, j.walk, c.chunk); err != nil {
		return nil, err
	}
	return c.bill().Result(), nil
}

// counting is a dry run under way: the questions that would be asked, and the tokens of
// their prompts.
type counting struct {
	*Job
	answerable   bool
	first, all   int           // questions: the first of each chunk, and all
	tokens, last estimate.Span // of all prompts; of those of the last predictor, asked again
}

// chunk counts a chunk's questions. Only the first is certain to cost something: a
// refused one may leave the next with the same prompt, whose reply is known then.
func (c *counting) chunk(chunk store.Chunk) error {
	asked := slices.DeleteFunc(c.questions(chunk), func(q question) bool {
		return !q.needed || c.answerable && quality.AnswersNothing(q.chunk) != ""
	})
	for i, q := range asked {
		prompts, again := c.promptTokens(q)
		prompts[1] += i*(questionTokens*len(c.program.Program.Predictors)+kindTokens) + planTokens
		if i > 0 {
			prompts[0] = 0
		} else {
			c.first++
		}
		c.tokens, c.last = c.tokens.Plus(prompts), c.last.Plus(again)
	}
	c.all += len(asked)
	return nil
}

func (c *counting) bill() *estimate.Bill {
	predictors := len(c.program.Program.Predictors)
	asked, tokens := api.CallRange{AtLeast: c.first * predictors, AtMost: c.all * predictors}, c.tokens
	if len(c.gates) > 0 || c.perChunk > 1 { // each may be refused, and is asked again once
		asked.AtMost += c.all
		tokens[1] += c.last[1]
	}
	b := estimate.New(c.rooms.Config, c.rooms.Models)
	b.Add("task", asked, tokens)
	if c.answerable {
		b.Add("judge", api.CallRange{AtMost: 2 * c.all}, estimate.Span{0, 2 * c.last[1]})
	}
	return b
}

// questionTokens bounds a question among those to avoid, kindTokens its type and
// format, and planTokens the words around them.
const (
	questionTokens = 100
	kindTokens     = 40
	planTokens     = 80
)

// promptTokens are those of a question's predictors, and of the last of them
// told what was refused.
func (c *counting) promptTokens(q question) (sum, last estimate.Span) {
	for _, predictor := range c.program.Program.Predictors {
		last = estimate.Tokens(predictor.Messages(program.Values{"chunk_text": q.chunk}))
		sum = sum.Plus(last)
	}
	return sum, last.Plus(estimate.Span{0, estimate.ReplyTokens})
}
