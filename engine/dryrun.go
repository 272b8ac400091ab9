package engine

import (
	"slices"
	"unicode/utf8"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
)

// What a dry run allows for what cannot be known:
//
// Six bytes of text make a token at the least (plain English makes four or
// five). At the most three do of ASCII (code), and one of anything else
// (scripts that a tokenizer was not made for).
//
// A reply has replyTokens at the most, or the role's max_tokens if that is less:
// a question, or a judge's score with its reason. A model that reasons before
// it replies writes more.
//
// At the most one call in again is sent again, because its reply could not be
// read or its endpoint failed.
const (
	bytesPerToken      = 6
	asciiPerToken      = 3
	otherBytesPerToken = 1
	replyTokens        = 500
	again              = 4
)

// span is a number from the least to the most.
type span [2]int

func (s span) plus(t span) span { return span{s[0] + t[0], s[1] + t[1]} }

// tokensOf bounds the tokens of a prompt.
func tokensOf(messages []program.Message) span {
	ascii, other := 0, 0
	for _, m := range messages {
		for _, b := range []byte(m.Content) {
			if b < utf8.RuneSelf {
				ascii++
			} else {
				other++
			}
		}
	}
	return span{(ascii + other) / bytesPerToken, ascii/asciiPerToken + other/otherBytesPerToken}
}

// bill adds up calls, tokens and money, each from the least to the most.
type bill struct {
	engine  *Engine
	calls   api.CallRange
	tokens  span
	usd     [2]float64
	unknown bool // some price is
	minutes [2]float64
	unpaced bool // some endpoint has no rate limit
}

// add puts calls of a role on the bill; prompt is the tokens of all their prompts.
func (b *bill) add(role string, calls api.CallRange, prompt span) {
	b.addReplying(role, calls, prompt, replyTokens)
}

// addReplying is add with another bound of a reply's tokens.
func (b *bill) addReplying(role string, calls api.CallRange, prompt span, most int) {
	r, _ := b.engine.cfg.Role(role)
	calls.AtMost += (calls.AtMost + again - 1) / again
	prompt[1] += prompt[1] / again
	if b.engine.cfg.Limits.Hedge {
		calls.AtMost, prompt[1] = 2*calls.AtMost, 2*prompt[1]
	}
	reply := span{calls.AtLeast, calls.AtMost * min(r.MaxTokens, most)}
	b.calls.AtLeast += calls.AtLeast
	b.calls.AtMost += calls.AtMost
	endpoints := b.engine.serving(r)
	b.unknown = b.unknown || len(endpoints) == 0
	b.unpaced = b.unpaced || len(endpoints) == 0
	b.tokens = b.tokens.plus(prompt).plus(reply)
	b.pay(endpoints, prompt, reply)
	b.pace(endpoints, calls)
}

// pay takes the cheapest endpoint for the least and the dearest for the most.
func (b *bill) pay(endpoints []config.Endpoint, prompt, reply span) {
	var sums [2][]float64
	for _, ep := range endpoints {
		if ep.USDPerMTokIn == nil || ep.USDPerMTokOut == nil {
			b.unknown = true
			return
		}
		for i := range sums {
			sums[i] = append(sums[i], (float64(prompt[i])**ep.USDPerMTokIn+float64(reply[i])**ep.USDPerMTokOut)/1e6)
		}
	}
	if len(endpoints) > 0 {
		b.usd[0] += slices.Min(sums[0])
		b.usd[1] += slices.Max(sums[1])
	}
}

// pace is what the endpoints' limits take for the calls: at the least all of them
// but those that may go out at once, a second's share of the limit; at the most
// with every call as slow as it may be, as many at once as may be in flight.
func (b *bill) pace(endpoints []config.Endpoint, calls api.CallRange) {
	perMinute, atOnce, slowest := 0, 0, 0.0
	for _, ep := range endpoints {
		if ep.RPM == 0 {
			b.unpaced = true
			return
		}
		perMinute += ep.RPM
		atOnce += ep.MaxInFlight
		slowest = max(slowest, b.engine.slowest(ep))
	}
	if perMinute == 0 {
		return
	}
	b.minutes[0] += max(0, float64(calls.AtLeast)/float64(perMinute)-1.0/60)
	waves := (calls.AtMost + max(1, atOnce) - 1) / max(1, atOnce)
	b.minutes[1] += float64(calls.AtMost)/float64(perMinute) + float64(waves)*slowest/60
}

// slowest is how many seconds a call to an endpoint takes at the most: 95 in a
// hundred took less so far, else its timeout.
func (e *Engine) slowest(ep config.Endpoint) float64 {
	for _, s := range e.disp.Status() {
		if s.Name == ep.Name && s.P95MS > 0 {
			return s.P95MS / 1000
		}
	}
	return ep.TimeoutS
}

// less takes off what is known already.
func (b *bill) less(known int) {
	if known == 0 {
		return
	}
	rest := func(n int) int { return max(0, n-known) }
	share := float64(rest(b.calls.AtMost)) / float64(max(1, b.calls.AtMost))
	b.calls = api.CallRange{AtLeast: rest(b.calls.AtLeast), AtMost: rest(b.calls.AtMost)}
	b.tokens[0], b.usd[0], b.minutes[0] = 0, 0, 0 // which calls are left is not known
	if share == 0 {
		b.tokens[1], b.usd[1], b.minutes[1] = 0, 0, 0
	}
}

func (b *bill) result() *api.DryRunResult {
	r := &api.DryRunResult{Calls: b.calls, Tokens: (*[2]int)(&b.tokens)}
	if !b.unknown {
		r.USD = &b.usd
	}
	if !b.unpaced {
		r.Minutes = &b.minutes
	}
	return r
}

// serving are the endpoints that a role's calls may go to.
func (e *Engine) serving(r config.Role) []config.Endpoint {
	all := e.cfg.Remote()
	if e.host.Complete != nil {
		all = append(all, e.cfg.HostLimits())
	}
	return slices.DeleteFunc(all, func(ep config.Endpoint) bool {
		return len(r.Endpoints) > 0 && !slices.Contains(r.Endpoints, ep.Name)
	})
}

// dryRun of a compile: what the optimiser plans, priced, less what an earlier
// compile has been answered already.
func (j *compiling) dryRun() (*api.DryRunResult, error) {
	task := j.optimizeTask()
	task.Progress = nil
	if err := optimize.Recall(j.call.Ctx, task, j.settings); err != nil {
		return nil, err
	}
	plan := optimize.Plan(task, j.settings)
	b := &bill{engine: j.engine}
	dev := j.dev
	if len(dev) == 0 { // scored on what it was taught with
		dev = j.train
	}
	for i, p := range plan.Predictors {
		predictor := j.start.Program.Predictors[i]
		demos, tried := j.demoTokens(predictor, p.Labelled), dev
		if plan.Reflections.Most > 0 { // longer instructions, and training examples too
			demos, tried = demos+instructionMost/asciiPerToken, slices.Concat(dev, j.train)
		}
		b.calling("task", p.Runs, j.promptTokens(predictor, tried), demos)
		b.calling("teacher", p.Teachings, j.promptTokens(predictor, j.train), demos)
	}
	if n := plan.Reflections.Most; n > 0 {
		b.addReplying("teacher", api.CallRange{AtMost: n}, span{0, n * j.reflectTokens()}, replyTokens+instructionMost/asciiPerToken)
	}
	if j.scorer.Metric.Name == api.MetricJudge {
		b.calling("judge", plan.Judgements, j.judgeTokens(slices.Concat(dev, j.train)), 0)
	}
	if j.scorer.AsksAnswerable() { // of successes alone, and nobody knows how many
		b.calling("judge", optimize.Range{Most: plan.Judgements.Most}, j.answerTokens(slices.Concat(dev, j.train)), 0)
	}
	b.less(j.call.Usage().Cached)
	return b.result(), nil
}

// calling puts a range of calls on the bill. They are shared evenly by the
// prompts that sizes are of, which may carry so many tokens of demonstrations.
func (b *bill) calling(role string, calls optimize.Range, sizes []span, demos int) {
	if len(sizes) == 0 || calls.Most == 0 {
		return
	}
	var sum span
	for _, s := range sizes {
		sum = sum.plus(s)
	}
	rounds := (calls.Most + len(sizes) - 1) / len(sizes)
	b.add(role, api.CallRange{AtLeast: calls.Least, AtMost: calls.Most}, span{sum[0] * calls.Least / len(sizes), sum[1]*rounds + calls.Most*demos})
}

// tokensOfEach are those of a prompt that is made of each entry.
func (j *compiling) tokensOfEach(indices []int, prompt func(gold.Entry) []program.Message) []span {
	sizes := make([]span, len(indices))
	for i, index := range indices {
		sizes[i] = tokensOf(prompt(j.gold[index]))
	}
	return sizes
}

// promptTokens is each entry's prompt to a predictor without demonstrations.
func (j *compiling) promptTokens(p *program.Predictor, indices []int) []span {
	return j.tokensOfEach(indices, func(g gold.Entry) []program.Message {
		return p.Messages(program.Values{"chunk_text": g.ChunkText, "persona_description": g.PersonaDescription})
	})
}

// writtenTokens is room for what a demonstration's reply holds.
const writtenTokens = 150

// demoTokens is the most that demonstrations add to a predictor's prompts: the
// longest examples, as many as it may show.
func (j *compiling) demoTokens(p *program.Predictor, labelled int) int {
	turns := j.promptTokens(p, j.train)
	slices.SortFunc(turns, func(a, b span) int { return b[1] - a[1] })
	sum, bare := 0, tokensOf(p.Messages(nil))[1]
	for _, t := range turns[:min(len(turns), max(labelled, j.settings.MaxBootstrappedDemos))] {
		sum += t[1] - bare + writtenTokens
	}
	return sum
}

// reflectTokens is the longest prompt for an instruction: the instruction as it is
// and those that were tried, the training examples with most text, and room for
// what was said of each.
func (j *compiling) reflectTokens() int {
	longest := j.examples(j.train)
	slices.SortFunc(longest, func(a, b optimize.Example) int {
		return len(b.Values["chunk_text"]) - len(a.Values["chunk_text"])
	})
	r := optimize.Reflection{Program: j.start.Program, Predictor: "generator"}
	for _, ex := range longest[:min(len(longest), max(1, j.settings.MinibatchSize))] {
		r.Records = append(r.Records, optimize.Record{Example: ex})
	}
	size := tokensOf(reflectPredictor().Messages(j.reflectInputs(r)))
	more := (1+optimize.TriedMost)*instructionMost + optimize.EarlierMost*2*shownShort
	return size[1] + more/asciiPerToken + len(r.Records)*replyTokens
}

// judgeTokens is each entry's prompt to the judge, with the gold question in the
// place of the one to be written.
func (j *compiling) judgeTokens(indices []int) []span {
	return j.tokensOfEach(indices, func(g gold.Entry) []program.Message {
		return j.scorer.JudgeMessages(g.ChunkText, g.PersonaDescription, g.GoldQuestion, g.GoldQuestion)
	})
}

// answerTokens is each entry's prompt to the gate answerable, of the gold question.
func (j *compiling) answerTokens(indices []int) []span {
	return j.tokensOfEach(indices, func(g gold.Entry) []program.Message {
		return gate.AnswerPredictor().Messages(program.Values{"chunk_text": g.ChunkText, "question": g.GoldQuestion})
	})
}
