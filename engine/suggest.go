package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/quality"
)

// suggestInstructions are our own words: what makes a question worth picking.
const suggestInstructions = `Read the chunk and think of what the persona would really want to know of it.
Write different questions, each about another point or of another kind, that the chunk answers.
Each question stands by itself: it names its subject and does not mention the text, the chunk or the passage.
Use the language of the chunk. For each question name its type and its format in a few words.
Questions picked before show what kind of question is wanted: their tone and length, not their subjects.`

const (
	// suggestRounds bounds how often missing suggestions are asked for again;
	// the last of them ask one by one.
	suggestRounds, suggestTogether = 5, 3
	// suggestPatience is after how many rounds near duplicates are better than
	// further calls.
	suggestPatience = 2
	// suggestTokens is what one suggestion may need. A role that allows less for
	// each is asked for one at a time: small models keep to one question, not to
	// twelve fields.
	suggestTokens = 100
)

// suggestKinds are asked for in turn where questions are asked for one at a
// time and the config names no query types: calls that do not know of each other
// would else ask the same.
var suggestKinds = []string{"a fact", "how something is done", "why something is so", "a comparison", "a problem and what helps"}

// AnnotateSuggest writes count questions of a chunk, all different, by the task
// role's model: what a person picks from should come from the model that will
// write the questions. All are asked for in one call; what is missing or a near
// duplicate is asked for again, in the end one by one, and so is everything when
// a reply cannot be read. Exactly count come back, or a *ReplyError; no two are
// equal, and those that could only be had as near duplicates carry a warning.
func (e *Engine) AnnotateSuggest(ctx context.Context, p api.AnnotateSuggestParams) (*api.AnnotateSuggestResult, error) {
	return e.annotateSuggest(ctx, p, false)
}

// SuggestSome is AnnotateSuggest for a person at a screen: where not all of count
// can be had, some are better than an error.
func (e *Engine) SuggestSome(ctx context.Context, p api.AnnotateSuggestParams) (*api.AnnotateSuggestResult, error) {
	return e.annotateSuggest(ctx, p, true)
}

func (e *Engine) annotateSuggest(ctx context.Context, p api.AnnotateSuggestParams, some bool) (*api.AnnotateSuggestResult, error) {
	c, err := e.lm.Begin(ctx, "annotate-suggest", p.Call, dispatcher.Suggesting, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	count, err := api.IntParam("count", p.Count, e.cfg.Annotate.Suggestions, 3, 5)
	if err != nil {
		return nil, err
	}
	persona, skip, err := e.persona.For(c, p.PersonaDescription, p.ChunkText, p.ChunkID)
	if err != nil {
		return nil, c.Fault(err)
	}
	result := &api.AnnotateSuggestResult{Suggestions: []api.Suggestion{}}
	if !skip {
		result.PersonaDescription = &persona
		if result.Suggestions, err = e.suggest(c, p, persona, count, some); err != nil {
			return nil, c.Fault(err)
		}
		e.warnOfTheLost(c, p.ChunkID, result.Suggestions)
	}
	c.Progress("suggest", count, count, "")
	result.Usage = c.Usage()
	return result, nil
}

// suggesting is one annotate-suggest under way.
type suggesting struct {
	engine  *Engine
	call    *lm.Call
	model   program.Model
	chunk   string
	persona string
	options program.Options
	avoid   []string
	picked  []string // gold questions, as examples of what is wanted
	like    string   // more like this one
	got     []api.Suggestion
	spare   []api.Suggestion // near duplicates of got, none equal
	fault   error            // of the last reply that could not be read
	rollout int
}

func (e *Engine) suggest(c *lm.Call, p api.AnnotateSuggestParams, persona string, count int, some bool) ([]api.Suggestion, error) {
	model, err := e.lm.Model(c, "task")
	if err != nil {
		return nil, err
	}
	s := &suggesting{engine: e, call: c, model: model, chunk: p.ChunkText, persona: persona, options: e.programs.Options(), avoid: p.Avoid,
		picked: e.examplePicks(p.ChunkText), like: p.Like}
	single := e.cfg.TaskRole().MaxTokens < count*suggestTokens
	for round := 0; round < suggestRounds && len(s.got) < count; round++ {
		single = single || s.fault != nil || round >= suggestTogether
		missing := count - len(s.got)
		if single {
			err = s.askEach(missing)
		} else {
			err = s.ask(missing)
		}
		if err != nil {
			return nil, err
		}
		c.Progress("suggest", min(len(s.got), count), count+1, "")
		if round+1 >= suggestPatience && len(s.got)+len(s.spare) >= count {
			break
		}
	}
	if had := len(s.got) + len(s.spare); some && had > 0 {
		count = min(count, had)
	}
	return s.warned(count)
}

// warned is exactly count suggestions, filled up with near duplicates where
// nothing better came, each with what speaks against it.
func (s *suggesting) warned(count int) ([]api.Suggestion, error) {
	own := min(len(s.got), count)
	all := append(s.got[:own:own], s.spare[:min(len(s.spare), count-own)]...)
	if len(all) < count {
		return nil, s.tooFew(count)
	}
	for i := range all {
		all[i].Warnings = s.engine.textWarnings(all[i].Question, s.chunk)
		if i >= own {
			all[i].Warnings = append(all[i].Warnings, "duplicate: nearly the same as another suggestion")
		}
	}
	return all, nil
}

func (s *suggesting) tooFew(count int) error {
	reason := fmt.Sprintf("expected %d different questions, found %d", count, len(s.got)+len(s.spare))
	reply := ""
	var unread *program.ReplyError
	if errors.As(s.fault, &unread) {
		reason += "; last: " + unread.Reason
		reply = unread.Reply
	}
	return &api.ReplyError{Role: "task", Reply: reply, Reason: reason}
}

// ask asks for n further questions in one call.
func (s *suggesting) ask(n int) error {
	out, err := s.predict(suggestPredictor(n, s.options), s.inputs(), s.draw())
	return s.take(n, out, err)
}

// askEach asks for n further questions in as many calls at once, each of another
// kind. They do not know of each other; which of them are alike is found out
// afterwards.
func (s *suggesting) askEach(n int) error {
	outs, errs := make([]program.Values, n), make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		rollout := s.draw()
		in := s.inputs()
		in["kind_of_question"] = s.kind(rollout)
		group.Go(func() { outs[i], errs[i] = s.predict(kindPredictor(s.options), in, rollout) })
	}
	group.Wait()
	for i := range n {
		if err := s.take(1, outs[i], errs[i]); err != nil {
			return err
		}
	}
	return nil
}

// draw numbers the calls, so that none is answered with another's reply.
func (s *suggesting) draw() int {
	s.rollout++
	return s.rollout - 1
}

func (s *suggesting) predict(p *program.Predictor, in program.Values, rollout int) (program.Values, error) {
	o := program.RunOptions{Rollout: rollout, Temperature: s.engine.lm.DrawTemperature(rollout)}
	out, _, err := program.Predict(s.call.Ctx, s.model, p, in, o)
	return out, err
}

func (s *suggesting) kind(n int) string {
	kinds := s.kinds()
	return kinds[n%len(kinds)]
}

func (s *suggesting) kinds() []string {
	if len(s.options.QueryTypes) > 0 {
		return s.options.QueryTypes
	}
	return suggestKinds
}

// take keeps what is usable of a reply. One that cannot be read is no error
// yet; what ends the call is.
func (s *suggesting) take(n int, out program.Values, err error) error {
	var unread *program.ReplyError
	if errors.As(err, &unread) {
		s.fault = err
		return nil
	}
	for i := 1; i <= n && err == nil; i++ {
		s.keep(api.Suggestion{Question: strings.TrimSpace(out[numbered("question", i)]),
			QueryType: out[numbered("query_type", i)], QueryFormat: out[numbered("query_format", i)]})
	}
	return err
}

func (s *suggesting) inputs() program.Values {
	in := program.Values{"chunk_text": s.chunk, "persona_description": s.persona}
	had := append([]string(nil), s.avoid...)
	for _, g := range s.got {
		had = append(had, g.Question)
	}
	if len(had) > 0 {
		in["questions_already_there"] = "- " + strings.Join(had, "\n- ")
	} else {
		in["questions_already_there"] = "none"
	}
	if len(s.picked) > 0 {
		in["questions_picked_before"] = "- " + strings.Join(s.picked, "\n- ")
	}
	if s.like != "" {
		in["wanted_like"] = s.like
	}
	return in
}

// keep takes a question that equals none of those had; one that nearly does is
// only spare, and what is no question is dropped.
func (s *suggesting) keep(candidate api.Suggestion) {
	if candidate.Question == "" || s.echo(candidate) {
		return
	}
	had := append(append([]string(nil), s.avoid...), s.picked...)
	for _, g := range append(s.got[:len(s.got):len(s.got)], s.spare...) {
		had = append(had, g.Question)
	}
	near := false
	for _, h := range had {
		if quality.Folded(h) == quality.Folded(candidate.Question) {
			return
		}
		near = near || quality.NearDuplicate(h, candidate.Question)
	}
	if near {
		s.spare = append(s.spare, candidate)
		return
	}
	s.got = append(s.got, candidate)
}

// echo: in place of a question stands its kind, or a marker of the layout. Small
// models do that.
func (s *suggesting) echo(candidate api.Suggestion) bool {
	q := quality.Folded(candidate.Question)
	if strings.Contains(q, "## question") || strings.Contains(q, "question_1") {
		return true
	}
	for _, label := range append([]string{candidate.QueryType, candidate.QueryFormat}, s.kinds()...) {
		if q == quality.Folded(label) {
			return true
		}
	}
	return false
}

// sameQuestion: equal but for case, blanks and the marks at the end, or a near
// duplicate.
func sameQuestion(a, b string) bool {
	return quality.Folded(a) == quality.Folded(b) || quality.NearDuplicate(a, b)
}

func numbered(field string, i int) string { return fmt.Sprintf("%s_%d", field, i) }

// suggestPredictor asks for n questions with their types and formats, which may
// be missing unless the config limits them to a list.
func suggestPredictor(n int, o program.Options) *program.Predictor {
	s := program.Signature{
		Name:         "SuggestQuestions",
		Instructions: suggestInstructions,
		Inputs: []program.Field{program.NewField("chunk_text"), program.NewField("persona_description"), program.NewField("questions_picked_before"),
			program.NewField("questions_already_there"), {Name: "wanted_like", Prefix: "Wanted Like:", Desc: "write others of the same kind, tone and length as this one"}},
	}
	for i := 1; i <= n; i++ {
		s.Outputs = append(s.Outputs, program.NewField(numbered("question", i)),
			choiceField(numbered("query_type", i), o.QueryTypes), choiceField(numbered("query_format", i), o.QueryFormats))
	}
	return &program.Predictor{Name: "task", Signature: s}
}

// kindPredictor asks for one question of a given kind.
func kindPredictor(o program.Options) *program.Predictor {
	p := suggestPredictor(1, o)
	p.Signature.Inputs = append(p.Signature.Inputs, program.NewField("kind_of_question"))
	return p
}

func choiceField(name string, choices []string) program.Field {
	f := program.NewField(name)
	if len(choices) > 0 {
		f.Kind, f.Choices = program.OneOf, choices
		return f
	}
	f.Optional = true
	return f
}

const (
	// picksShown are as many as say something of a taste and leave room.
	picksShown = 6
	// picksStep: with every pick the prompt would change, and what was suggested
	// ahead be asked again after a restart.
	picksStep = 5
)

// examplePicks are the latest gold questions of other chunks, as of the last
// multiple of picksStep; none when the gold set cannot be read: suggesting goes
// on without.
func (e *Engine) examplePicks(chunk string) []string {
	if !files.Exists(e.cfg.Files.Gold) {
		return nil
	}
	gold, err := e.gold.Entries()
	if err != nil {
		return nil
	}
	gold = gold[:len(gold)/picksStep*picksStep]
	var out []string
	for i := len(gold) - 1; i >= 0 && len(out) < picksShown; i-- {
		if gold[i].ChunkText != chunk {
			out = append(out, gold[i].GoldQuestion)
		}
	}
	return out
}
