package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/store"
	"qgen-sidecar/internal/clip"
)

// Generate asks one question of a chunk.
//
// With candidates > 1, draws rollout, rollout+1, … are asked one after another.
// The first that passes the gates without a warning is taken; else, of those
// that passed, the earliest with the fewest warnings. When none passes, the
// generator is told of the first draw what was refused and why, and asked once
// more; when that does not pass either, query is null and rejected_reason is the
// last one's. With the gate answerable, a chunk that plainly answers nothing is
// refused before anything is asked.
func (e *Engine) Generate(ctx context.Context, p api.GenerateParams) (*api.GenerateResult, error) {
	c, err := e.lm.Begin(ctx, "generate", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	g, err := e.newGeneration(c, p)
	if err != nil {
		return nil, c.Fault(err)
	}
	result, err := g.run(p)
	if err != nil {
		return nil, c.Fault(err)
	}
	result.Usage = c.Usage()
	result.ElapsedMS = float64(time.Since(c.Start).Microseconds()) / 1000
	return result, nil
}

// generation is what all questions of a call share.
type generation struct {
	engine  *Engine
	call    *lm.Call
	program programs.Loaded
	model   program.Model
	gates   []string
	tally   *gate.Tally
	rollout int
	draws   int
}

// alone is the generation of one question of a job, with an account of its own.
func (g generation) alone() *generation {
	g.call, _ = g.call.Apart()
	return &g
}

func (g *generation) making(collection string, d draw) *store.Making {
	m := &store.Making{Collection: collection, Gates: g.gates, Again: d.again, Earlier: d.earlier}
	if n := len(d.Trace); n > 0 {
		m.Endpoint = d.Trace[n-1].Endpoint
	}
	return m
}

func (e *Engine) newGeneration(c *lm.Call, p api.GenerateParams) (*generation, error) {
	g := &generation{engine: e, call: c, rollout: p.Rollout, tally: &gate.Tally{}}
	if err := api.RequireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	if p.Save && p.ChunkID.IsZero() {
		return nil, &api.ParamError{Param: "chunk_id", Expected: "the chunk's id, with save", Found: "none"}
	}
	if _, err := api.IntParam("rollout", &p.Rollout, 0, 0, api.AnyNumber); err != nil {
		return nil, err
	}
	var err error
	if g.draws, err = api.IntParam("candidates", p.Candidates, 1, 1, 20); err != nil {
		return nil, err
	}
	if p.Save {
		if err := e.canSave(c.Ctx, p.Vector); err != nil {
			return nil, err
		}
	}
	if err := g.load(p.Program, p.Gates); err != nil {
		return nil, err
	}
	if p.Save {
		e.programs.Keep(g.program)
	}
	return g, nil
}

func (g *generation) load(ref api.ProgramRef, gates []string) (err error) {
	if g.gates, err = gate.Check("gates", gates); err != nil {
		return err
	}
	if g.model, err = g.engine.lm.Model(g.call, "task"); err != nil {
		return err
	}
	g.program, err = g.engine.programs.Load(ref)
	return err
}

func (g *generation) run(p api.GenerateParams) (*api.GenerateResult, error) {
	result := &api.GenerateResult{ProgramUsed: g.program.Used(), Warnings: []string{}}
	if result.RejectedReason = g.useless(p.ChunkText); result.RejectedReason != "" {
		return result, nil
	}
	persona, skip, err := g.engine.persona.For(g.call, p.PersonaDescription, p.ChunkText, p.ChunkID)
	if err != nil {
		return nil, err
	}
	if skip {
		result.RejectedReason = hostSkipped
		return result, nil
	}
	result.PersonaDescription = &persona
	d, err := g.best(wanted{chunk: p.ChunkText, id: p.ChunkID, persona: persona})
	if err != nil {
		return nil, err
	}
	result.QueryType, result.QueryFormat, result.Model = d.QueryType, d.QueryFormat, d.Model
	if d.rejected != "" {
		result.RejectedReason = d.rejected
		return result, nil
	}
	result.Query, result.Warnings = &d.Query, d.warnings
	if p.Save {
		vector := p.Vector
		if len(vector) == 0 {
			vector = d.vector
		}
		result.PointID, err = g.engine.saveQuestion(g.call, store.Question{Query: d.Query, ChunkID: p.ChunkID, ChunkText: p.ChunkText, Persona: persona,
			QueryType: d.QueryType, QueryFormat: d.QueryFormat, ProgramHash: g.program.Hash, Model: d.Model, Payload: p.Payload, Vector: vector,
			Made: g.making(g.engine.store.Collection(""), d)})
	}
	return result, err
}

// useless is why nothing is asked of a chunk, with the gate answerable; "" else.
func (g *generation) useless(chunk string) string {
	if !slices.Contains(g.gates, gate.Answerable) {
		return ""
	}
	reason := quality.AnswersNothing(chunk)
	if reason == "" {
		return ""
	}
	g.tally.Count(gate.Answerable, true, gate.NothingPaid())
	return gate.Answerable + ": nothing was asked: " + reason
}

const hostSkipped = "the host skipped this chunk (choose-persona answered null)"

// draw is one candidate question.
type draw struct {
	program.Prediction
	warnings []string
	rejected string    // why not; "" when it passed
	vector   []float32 // the question's, if a gate needed it
	settle   func(saved bool)
	again    bool // asked again after a refusal
	earlier  int  // questions that it was to avoid
}

// wanted is what one question is to be.
type wanted struct {
	chunk   string
	id      api.ChunkID
	persona string
	avoid   []string // questions asked of the chunk before
	plan    program.Plan
	// underway: it is to be saved, with others at the same time. Whoever asks then
	// settles the draw.
	underway *gate.Underway
}

// best asks for draws until one passes without a warning, or all are asked; if
// none passed, once more with the reason against the first.
func (g *generation) best(w wanted) (draw, error) {
	var best draw
	for i := range g.draws {
		d, err := g.draw(w, g.rollout+i)
		if err != nil {
			return draw{}, err
		}
		if i == 0 || d.better(best) {
			best = d
		}
		if best.rejected == "" && len(best.warnings) == 0 {
			break
		}
	}
	if best.rejected == "" {
		return best, nil
	}
	return g.again(best, w)
}

func (d draw) better(than draw) bool {
	if (d.rejected == "") != (than.rejected == "") {
		return d.rejected == ""
	}
	return d.rejected == "" && len(d.warnings) < len(than.warnings)
}

func (g *generation) draw(w wanted, rollout int) (draw, error) {
	in := program.Values{"chunk_text": w.chunk, "persona_description": w.persona}
	prediction, err := g.program.Program.Run(g.call.Ctx, g.model, in, g.options(rollout, w))
	if err != nil {
		return draw{}, err
	}
	return g.judged(prediction, w)
}

func (g *generation) options(rollout int, w wanted) program.RunOptions {
	return program.RunOptions{Rollout: rollout, Avoid: w.avoid, Plan: w.plan, Temperature: g.engine.lm.DrawTemperature(rollout)}
}

// again asks once more, with the reason why d was refused. An answer that cannot
// be read leaves d refused as it was: it is no failure of the chunk.
func (g *generation) again(d draw, w wanted) (draw, error) {
	prediction, err := g.program.Program.Again(g.call.Ctx, g.model, d.Prediction, d.rejected, g.options(g.rollout, w))
	var unread *program.ReplyError
	if errors.As(err, &unread) && g.call.Ctx.Err() == nil && !errors.Is(err, dispatcher.ErrNotCached) {
		return d, nil
	}
	if err != nil {
		return draw{}, err
	}
	second, err := g.judged(prediction, w)
	second.again = true
	return second, err
}

// judged is a prediction with what the gates and the texts say of it.
func (g *generation) judged(prediction program.Prediction, w wanted) (draw, error) {
	d := draw{Prediction: prediction, warnings: g.engine.textWarnings(prediction.Query, w.chunk), earlier: len(w.avoid)}
	for _, had := range w.avoid {
		if sameQuestion(had, prediction.Query) {
			d.rejected = fmt.Sprintf("%s: asks again what was asked of this chunk: %s", gate.Duplicate, clip.Runes(had, 200))
			return d, nil
		}
	}
	q := &gate.Candidate{Question: prediction.Query, Chunk: w.chunk, ID: w.id, Underway: w.underway}
	var err error
	if d.rejected, err = g.engine.gate.Pass(g.call, g.gates, q, g.tally); err != nil || d.rejected != "" {
		q.Settle(false)
	}
	d.vector, d.settle = q.Vector, q.Settle
	return d, err
}
