package generate

import (
	"context"
	"errors"
	"fmt"
	"slices"

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

// writer writes questions: it draws from the program, asks the gates, and asks again.
// It is what all questions of a call share.
type writer struct {
	rooms   *Generator
	call    *lm.Call
	program programs.Loaded
	model   program.Model
	gates   []string
	tally   *gate.Tally
	rollout int // of the first draw
	draws   int
}

func (w *writer) load(ref api.ProgramRef, gates []string) (err error) {
	if w.gates, err = gate.Check("gates", gates); err != nil {
		return err
	}
	if w.model, err = w.rooms.Models.Model(w.call, "task"); err != nil {
		return err
	}
	w.program, err = w.rooms.Programs.Load(ref)
	return err
}

// useless is why nothing is asked of a chunk, with the gate answerable; "" else.
func (w *writer) useless(chunk string) string {
	if !slices.Contains(w.gates, gate.Answerable) {
		return ""
	}
	reason := quality.AnswersNothing(chunk)
	if reason == "" {
		return ""
	}
	w.tally.Count(gate.Answerable, true, gate.NothingPaid())
	return gate.Answerable + ": nothing was asked: " + reason
}

const hostSkipped = "the host skipped this chunk (choose-persona answered null)"

// draw is one candidate question.
type draw struct {
	program.Prediction
	warnings   []string
	rejected   string    // why not; "" when it passed
	vector     []float32 // the question's, if a gate needed it
	settle     func(saved bool)
	askedAgain bool // after a refusal
	earlier    int  // questions that it was to avoid
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
func (w *writer) best(ctx context.Context, q wanted) (draw, error) {
	var best draw
	for i := range w.draws {
		d, err := w.draw(ctx, q, w.rollout+i)
		if err != nil {
			return draw{}, err
		}
		if i > 0 && !d.better(best) {
			d.drop()
			continue
		}
		best.drop()
		best = d
		if best.rejected == "" && len(best.warnings) == 0 {
			break
		}
	}
	if best.rejected == "" {
		return best, nil
	}
	return w.askAgain(ctx, best, q)
}

// drop gives a draw up: those that wait for what becomes of it go on.
func (d draw) drop() {
	if d.settle != nil {
		d.settle(false)
	}
}

func (d draw) better(than draw) bool {
	if (d.rejected == "") != (than.rejected == "") {
		return d.rejected == ""
	}
	return d.rejected == "" && len(d.warnings) < len(than.warnings)
}

func (w *writer) draw(ctx context.Context, q wanted, rollout int) (draw, error) {
	in := program.Values{"chunk_text": q.chunk, "persona_description": q.persona}
	prediction, err := w.program.Program.Run(ctx, w.model, in, w.options(rollout, q))
	if err != nil {
		return draw{}, err
	}
	return w.checked(ctx, prediction, q)
}

func (w *writer) options(rollout int, q wanted) program.RunOptions {
	return program.RunOptions{Rollout: rollout, Avoid: q.avoid, Plan: q.plan, Temperature: w.rooms.Models.DrawTemperature(rollout)}
}

// askAgain asks once more, with the reason why d was refused. An answer that cannot
// be read leaves d refused as it was: it is no failure of the chunk.
func (w *writer) askAgain(ctx context.Context, d draw, q wanted) (draw, error) {
	prediction, err := w.program.Program.Again(ctx, w.model, d.Prediction, d.rejected, w.options(w.rollout, q))
	var unread *program.ReplyError
	if errors.As(err, &unread) && ctx.Err() == nil && !errors.Is(err, dispatcher.ErrNotCached) {
		return d, nil
	}
	if err != nil {
		return draw{}, err
	}
	second, err := w.checked(ctx, prediction, q)
	second.askedAgain = true
	return second, err
}

// checked is a prediction with what the gates and the texts say of it.
func (w *writer) checked(ctx context.Context, prediction program.Prediction, q wanted) (draw, error) {
	candidate := w.rooms.Gates.Candidate(prediction.Query, q.chunk, q.id)
	candidate.Underway = q.underway
	d := draw{Prediction: prediction, warnings: quality.Warnings(candidate.Faults), earlier: len(q.avoid)}
	for _, had := range q.avoid {
		if quality.Same(had, prediction.Query) {
			d.rejected = fmt.Sprintf("%s: asks again what was asked of this chunk: %s", gate.Duplicate, clip.Runes(had, 200))
			return d, nil
		}
	}
	var err error
	if d.rejected, err = w.rooms.Gates.Pass(ctx, w.call, w.gates, candidate, w.tally); err != nil || d.rejected != "" {
		candidate.Settle(false)
	}
	d.vector, d.settle = candidate.Vector, candidate.Settle
	return d, err
}

// toSave is a draw as it is saved.
func (w *writer) toSave(d draw, id api.ChunkID, chunk, persona, collection string) store.Question {
	made := &store.Making{Collection: collection, Gates: w.gates, Again: d.askedAgain, Earlier: d.earlier}
	if n := len(d.Trace); n > 0 {
		made.Endpoint = d.Trace[n-1].Endpoint
	}
	return store.Question{Query: d.Query, ChunkID: id, ChunkText: chunk, Persona: persona, QueryType: d.QueryType, QueryFormat: d.QueryFormat,
		ProgramHash: w.program.Hash, Model: d.Model, Vector: d.vector, Made: made}
}
