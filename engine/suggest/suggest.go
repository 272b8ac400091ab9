package suggest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/persona"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/parallel"
)

// Suggester suggests questions. Its fields are the rooms that it stands on. Safe for
// concurrent use.
type Suggester struct {
	Config   *config.Config
	Log      hclog.Logger
	Models   *lm.Models
	Store    *store.Store
	Programs *programs.Cache
	Personas *persona.Chooser
	Gold     *gold.Set
}

// Suggest writes count questions of a chunk, all different, by the task role's model:
// what a person picks from should come from the model that will write the questions.
// All are asked for in one call; what is missing or a near duplicate is asked for
// again, in the end one by one, and so is everything when a reply cannot be read.
// Exactly count come back, or a *ReplyError; no two are equal, and those that could
// only be had as near duplicates carry a warning.
//
// With some, for a person at a screen, fewer than count are better than an error.
func (s *Suggester) Suggest(ctx context.Context, p api.AnnotateSuggestParams, some bool) (*api.AnnotateSuggestResult, error) {
	ctx, call, err := s.Models.Begin(ctx, "annotate-suggest", p.Call, dispatcher.Suggesting, nil)
	if err != nil {
		return nil, err
	}
	defer call.End()
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	count, err := api.IntParam("count", p.Count, s.Config.Annotate.Suggestions, 3, 5)
	if err != nil {
		return nil, err
	}
	persona, skip, err := s.Personas.For(ctx, call, p.PersonaDescription, p.ChunkText, p.ChunkID)
	if err != nil {
		return nil, call.Fault(ctx, err)
	}
	result := &api.AnnotateSuggestResult{Suggestions: []api.Suggestion{}}
	if !skip {
		result.PersonaDescription = &persona
		j, err := s.newJob(call, p, persona)
		if err == nil {
			result.Suggestions, err = j.run(ctx, count, some)
		}
		if err != nil {
			return nil, call.Fault(ctx, err)
		}
		s.warnOfTheLost(ctx, call, p.ChunkID, result.Suggestions)
	}
	call.Progress("suggest", count, count, "")
	result.Usage = call.Usage()
	return result, nil
}

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

// Job is one annotate-suggest under way.
type Job struct {
	*Suggester
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

func (s *Suggester) newJob(call *lm.Call, p api.AnnotateSuggestParams, persona string) (*Job, error) {
	model, err := s.Models.Model(call, "task")
	return &Job{Suggester: s, call: call, model: model, chunk: p.ChunkText, persona: persona, options: s.Programs.Options(), avoid: p.Avoid,
		picked: s.examplePicks(p.ChunkText), like: p.Like}, err
}

// run asks in rounds until there are count suggestions.
func (j *Job) run(ctx context.Context, count int, some bool) ([]api.Suggestion, error) {
	single := j.Config.TaskRole().MaxTokens < count*suggestTokens
	for round := 0; round < suggestRounds && len(j.got) < count; round++ {
		single = single || j.fault != nil || round >= suggestTogether
		missing := count - len(j.got)
		var err error
		if single {
			err = j.askEach(ctx, missing)
		} else {
			err = j.askTogether(ctx, missing)
		}
		if err != nil {
			return nil, err
		}
		j.call.Progress("suggest", min(len(j.got), count), count+1, "")
		if round+1 >= suggestPatience && len(j.got)+len(j.spare) >= count {
			break
		}
	}
	if had := len(j.got) + len(j.spare); some && had > 0 {
		count = min(count, had)
	}
	return j.warned(count)
}

// warned is exactly count suggestions, filled up with near duplicates where
// nothing better came, each with what speaks against it.
func (j *Job) warned(count int) ([]api.Suggestion, error) {
	own := min(len(j.got), count)
	all := append(j.got[:own:own], j.spare[:min(len(j.spare), count-own)]...)
	if len(all) < count {
		return nil, j.tooFew(count)
	}
	for i := range all {
		all[i].Warnings = quality.Warnings(quality.TextFaults(quality.TextChecks, all[i].Question, j.chunk, j.Config.Quality.LeakOverlap))
		if i >= own {
			all[i].Warnings = append(all[i].Warnings, "duplicate: nearly the same as another suggestion")
		}
	}
	return all, nil
}

func (j *Job) tooFew(count int) error {
	reason := fmt.Sprintf("expected %d different questions, found %d", count, len(j.got)+len(j.spare))
	reply := ""
	var unread *program.ReplyError
	if errors.As(j.fault, &unread) {
		reason += "; last: " + unread.Reason
		reply = unread.Reply
	}
	return &api.ReplyError{Role: "task", Reply: reply, Reason: reason, GivenUp: true}
}

// askTogether asks for n further questions in one call.
func (j *Job) askTogether(ctx context.Context, n int) error {
	out, err := j.predict(ctx, suggestPredictor(n, j.options), j.inputs(), j.draw())
	return j.read(n, out, err)
}

// askEach asks for n further questions in as many calls at once, each of another
// kind. They do not know of each other; which of them are alike is found out
// afterwards.
func (j *Job) askEach(ctx context.Context, n int) error {
	outs, errs := make([]program.Values, n), make([]error, n)
	asks := make([]func() error, n)
	for i := range n {
		rollout := j.draw()
		in := j.inputs()
		in["kind_of_question"] = j.kind(rollout)
		asks[i] = func() error {
			outs[i], errs[i] = j.predict(ctx, kindPredictor(j.options), in, rollout)
			return nil
		}
	}
	if err := parallel.Do(ctx, n, asks); err != nil {
		return err
	}
	for i := range n {
		if err := j.read(1, outs[i], errs[i]); err != nil {
			return err
		}
	}
	return nil
}

// draw numbers the calls, so that none is answered with another's reply.
func (j *Job) draw() int {
	j.rollout++
	return j.rollout - 1
}

func (j *Job) predict(ctx context.Context, p *program.Predictor, in program.Values, rollout int) (program.Values, error) {
	o := program.RunOptions{Rollout: rollout, Temperature: j.Models.DrawTemperature(rollout)}
	out, _, err := program.Predict(ctx, j.model, p, in, o)
	return out, err
}

func (j *Job) kind(n int) string {
	kinds := j.kinds()
	return kinds[n%len(kinds)]
}

func (j *Job) kinds() []string {
	if len(j.options.QueryTypes) > 0 {
		return j.options.QueryTypes
	}
	return suggestKinds
}

// read keeps what is usable of a reply. One that cannot be read is no error
// yet; what ends the call is.
func (j *Job) read(n int, out program.Values, err error) error {
	var unread *program.ReplyError
	if errors.As(err, &unread) {
		j.fault = err
		return nil
	}
	for i := 1; i <= n && err == nil; i++ {
		j.keep(api.Suggestion{Question: strings.TrimSpace(out[numbered("question", i)]),
			QueryType: out[numbered("query_type", i)], QueryFormat: out[numbered("query_format", i)]})
	}
	return err
}

func (j *Job) inputs() program.Values {
	in := program.Values{"chunk_text": j.chunk, "persona_description": j.persona}
	had := append([]string(nil), j.avoid...)
	for _, g := range j.got {
		had = append(had, g.Question)
	}
	if len(had) > 0 {
		in["questions_already_there"] = "- " + strings.Join(had, "\n- ")
	} else {
		in["questions_already_there"] = "none"
	}
	if len(j.picked) > 0 {
		in["questions_picked_before"] = "- " + strings.Join(j.picked, "\n- ")
	}
	if j.like != "" {
		in["wanted_like"] = j.like
	}
	return in
}

// keep takes a question that equals none of those had; one that nearly does is
// only spare, and what is no question is dropped.
func (j *Job) keep(candidate api.Suggestion) {
	if candidate.Question == "" || j.echo(candidate) {
		return
	}
	had := append(append([]string(nil), j.avoid...), j.picked...)
	for _, g := range append(j.got[:len(j.got):len(j.got)], j.spare...) {
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
		j.spare = append(j.spare, candidate)
		return
	}
	j.got = append(j.got, candidate)
}

// echo: in place of a question stands its kind, or a marker of the layout. Small
// models do that.
func (j *Job) echo(candidate api.Suggestion) bool {
	q := quality.Folded(candidate.Question)
	if strings.Contains(q, "## question") || strings.Contains(q, "question_1") {
		return true
	}
	for _, label := range append([]string{candidate.QueryType, candidate.QueryFormat}, j.kinds()...) {
		if q == quality.Folded(label) {
			return true
		}
	}
	return false
}
