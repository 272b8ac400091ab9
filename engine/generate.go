package engine

import (
	"context"
	"fmt"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/program"
)

// Generate asks one question of a chunk.
//
// With candidates > 1, draws rollout, rollout+1, … are asked one after another.
// The first that passes the gates without a warning is taken; else, of those
// that passed, the earliest with the fewest warnings; when none passes, query
// is null and rejected_reason is the first draw's.
func (e *Engine) Generate(ctx context.Context, p GenerateParams) (*GenerateResult, error) {
	c, err := e.begin(ctx, "generate", p.Call, dispatcher.Interactive, nil)
	if err != nil {
		return nil, err
	}
	defer c.cancel()
	g, err := e.newGeneration(c, p)
	if err != nil {
		return nil, c.fault(err)
	}
	result, err := g.run(p)
	if err != nil {
		return nil, c.fault(err)
	}
	result.Usage = c.usage()
	result.ElapsedMS = float64(time.Since(c.start).Microseconds()) / 1000
	return result, nil
}

// generation is what all questions of a call share.
type generation struct {
	engine  *Engine
	call    *call
	program loaded
	model   program.Model
	gates   []string
	rollout int
	draws   int
}

func (e *Engine) newGeneration(c *call, p GenerateParams) (*generation, error) {
	g := &generation{engine: e, call: c, rollout: p.Rollout}
	if err := requireText("chunk_text", p.ChunkText); err != nil {
		return nil, err
	}
	if p.Save && p.ChunkID.IsZero() {
		return nil, &ParamError{Param: "chunk_id", Expected: "the chunk's id, with save", Found: "none"}
	}
	if _, err := intParam("rollout", &p.Rollout, 0, 0, anyNumber); err != nil {
		return nil, err
	}
	var err error
	if g.draws, err = intParam("candidates", p.Candidates, 1, 1, 20); err != nil {
		return nil, err
	}
	if p.Save {
		if err := e.canSave(c.ctx, p.Vector); err != nil {
			return nil, err
		}
	}
	return g, g.load(p.Program, p.Gates)
}

func (g *generation) load(ref ProgramRef, gates []string) (err error) {
	if g.gates, err = checkGates("gates", gates); err != nil {
		return err
	}
	if g.model, err = g.engine.model(g.call, "task"); err != nil {
		return err
	}
	g.program, err = g.engine.loadProgram(ref)
	return err
}

func (g *generation) run(p GenerateParams) (*GenerateResult, error) {
	result := &GenerateResult{ProgramUsed: g.program.used(), Warnings: []string{}}
	persona, skip, err := g.engine.personaFor(g.call, p.PersonaDescription, p.ChunkText, p.ChunkID)
	if err != nil {
		return nil, err
	}
	if skip {
		result.RejectedReason = hostSkipped
		return result, nil
	}
	result.PersonaDescription = &persona
	d, err := g.best(p.ChunkText, p.ChunkID, persona, nil)
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
		result.PointID, err = g.engine.saveQuestion(g.call, question{query: d.Query, chunkID: p.ChunkID, chunkText: p.ChunkText, persona: persona,
			queryType: d.QueryType, queryFormat: d.QueryFormat, programHash: g.program.hash, model: d.Model, payload: p.Payload, vector: vector})
	}
	return result, err
}

const hostSkipped = "the host skipped this chunk (choose-persona answered null)"

// draw is one candidate question.
type draw struct {
	program.Prediction
	warnings []string
	rejected string    // why not; "" when it passed
	vector   []float32 // the question's, if a gate needed it
}

// best asks for draws until one passes without a warning, or all are asked.
func (g *generation) best(chunk string, id ChunkID, persona string, avoid []string) (draw, error) {
	var best draw
	for i := range g.draws {
		d, err := g.draw(chunk, id, persona, g.rollout+i, avoid)
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
	return best, nil
}

func (d draw) better(than draw) bool {
	if (d.rejected == "") != (than.rejected == "") {
		return d.rejected == ""
	}
	return d.rejected == "" && len(d.warnings) < len(than.warnings)
}

func (g *generation) draw(chunk string, id ChunkID, persona string, rollout int, avoid []string) (draw, error) {
	o := program.RunOptions{Rollout: rollout, Avoid: avoid, Temperature: g.engine.drawTemperature(rollout)}
	in := program.Values{"chunk_text": chunk, "persona_description": persona}
	prediction, err := g.program.program.Run(g.call.ctx, g.model, in, o)
	if err != nil {
		return draw{}, err
	}
	d := draw{Prediction: prediction, warnings: g.engine.textWarnings(prediction.Query, chunk)}
	for _, had := range avoid {
		if sameQuestion(had, prediction.Query) {
			d.rejected = fmt.Sprintf("%s: asks again what was asked of this chunk: %s", gateDuplicate, clip(had))
			return d, nil
		}
	}
	q := &candidate{question: prediction.Query, chunk: chunk, id: id}
	d.rejected, err = g.engine.passGates(g.call, g.gates, q)
	d.vector = q.vector
	return d, err
}
