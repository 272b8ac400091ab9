package generate

import (
	"context"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/persona"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/store"
)

// Generator asks questions. Its fields are the rooms that it stands on. Safe for
// concurrent use.
type Generator struct {
	Config   *config.Config
	Models   *lm.Models
	Store    *store.Store
	Programs *programs.Cache
	Personas *persona.Chooser
	Gates    *gate.Keeper
	Outputs  *outputs.Guard
}

// Generate asks one question of a chunk.
//
// With candidates > 1, draws rollout, rollout+1, … are asked one after another.
// The first that passes the gates without a warning is taken; else, of those
// that passed, the earliest with the fewest warnings. When none passes, the
// generator is told of the first draw what was refused and why, and asked once
// more; when that does not pass either, query is null and rejected_reason is the
// last one's. With the gate answerable, a chunk that plainly answers nothing is
// refused before anything is asked.
func (g *Generator) Generate(ctx context.Context, p api.GenerateParams) (*api.GenerateResult, error) {
	ctx, call, err := g.Models.Begin(ctx, "generate", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer call.End()
	result, err := g.one(ctx, call, p)
	if err != nil {
		return nil, call.Fault(ctx, err)
	}
	result.Usage = call.Usage()
	result.ElapsedMS = float64(time.Since(call.Start).Microseconds()) / 1000
	return result, nil
}

func (g *Generator) one(ctx context.Context, call *lm.Call, p api.GenerateParams) (*api.GenerateResult, error) {
	w, err := g.writerOf(ctx, call, p)
	if err != nil {
		return nil, err
	}
	result := &api.GenerateResult{ProgramUsed: w.program.Used(), Warnings: []string{}}
	if result.RejectedReason = w.useless(p.ChunkText); result.RejectedReason != "" {
		return result, nil
	}
	who, skip, err := g.Personas.For(ctx, call, p.PersonaDescription, p.ChunkText, p.ChunkID)
	if err != nil {
		return nil, err
	}
	if skip {
		result.RejectedReason = hostSkipped
		return result, nil
	}
	result.PersonaDescription = &who
	d, err := w.best(ctx, wanted{chunk: p.ChunkText, id: p.ChunkID, persona: who})
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
		q := w.toSave(d, p.ChunkID, p.ChunkText, who, g.Store.Collection(""))
		q.Payload = p.Payload
		if len(p.Vector) > 0 {
			q.Vector = p.Vector
		}
		result.PointID, err = g.save(ctx, call, q, call.Usage)
	}
	return result, err
}

// writerOf checks the parameters and loads what they name, before anything is paid
// for.
func (g *Generator) writerOf(ctx context.Context, call *lm.Call, p api.GenerateParams) (*writer, error) {
	w := &writer{rooms: g, call: call, rollout: p.Rollout, tally: &gate.Tally{}}
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
	if w.draws, err = api.IntParam("candidates", p.Candidates, 1, 1, 20); err != nil {
		return nil, err
	}
	if p.Save {
		if err := g.canSave(ctx, p.Vector); err != nil {
			return nil, err
		}
	}
	if err := w.load(p.Program, p.Gates); err != nil {
		return nil, err
	}
	if p.Save {
		g.Programs.Keep(w.program)
	}
	return w, nil
}
