package generate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/typemix"
	"qgen-sidecar/internal/jsonvalue"
)

// GenerateAll asks per_chunk questions of every chunk. It answers
// *GenerateAllResult, or *DryRunResult with dry_run.
//
// Chunks are read page by page and worked on many at once, with bounded memory.
// Every finished question is in the journal (and in the output, and in the
// store with save) before the next is begun, so that the same call after a
// crash, a cancel or a spent budget does only the rest; what was done earlier
// counts as skipped, also chunks without a text. A chunk whose text or program
// changed is another question. limit bounds the chunks looked at, in id order,
// whether they are skipped or not.
func (g *Generator) GenerateAll(ctx context.Context, p api.GenerateAllParams) (any, error) {
	ctx, call, err := g.Models.Begin(ctx, "generate-all", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer call.End()
	if p.DryRun {
		result, err := g.dryRun(ctx, call, p)
		return result, call.Fault(ctx, err)
	}
	j, err := g.newAll(ctx, call, p)
	if err != nil {
		return nil, call.Fault(ctx, err)
	}
	result, err := j.run(ctx)
	if err != nil {
		return nil, j.spent(call.Fault(ctx, err))
	}
	return result, nil
}

// all is the asker of generate-all: it asks the models, saves and writes.
type all struct {
	*Job
	looked
	journal *journal
	result  api.GenerateAllResult
	counted typemix.Count // all accepted questions, by type
}

func (g *Generator) newAll(ctx context.Context, call *lm.Call, p api.GenerateAllParams) (*all, error) {
	job, err := g.newJob(call, p)
	if err != nil {
		return nil, err
	}
	if job.output == "" && !p.Save {
		return nil, &api.ParamError{Param: "output", Expected: "output, save or both, so that the questions go somewhere", Found: "neither"}
	}
	if p.Save {
		job.underway = &gate.Underway{}
		if err := g.canSave(ctx, nil); err != nil {
			return nil, err
		}
	}
	if err := job.load(p); err != nil {
		return nil, err
	}
	if p.Save {
		g.Programs.Keep(job.program)
	}
	return &all{Job: job, looked: lookingAt(call, "generate"), counted: typemix.Count{}}, nil
}

func (a *all) run(ctx context.Context) (*api.GenerateAllResult, error) {
	a.result.Failures = []api.Failure{}
	a.result.ProgramUsed = a.program.Used()
	var err error
	if a.total, err = a.count(ctx); err != nil {
		return nil, err
	}
	a.known = newMemory(a.perChunk > 1)
	if a.journal, err = openJournal(ctx, a.output, a.journalPath(), a.anew, a.known); err != nil {
		return nil, err
	}
	a.result.Warnings = a.journal.warnings()
	if err = a.markStale(ctx); err == nil {
		err = a.each(ctx, a)
	}
	if closing := a.journal.close(); err == nil {
		err = closing
	}
	a.end()
	a.result.Usage, a.result.Gates = a.call.Usage(), a.tally.List()
	a.result.Types, a.result.TypeDivergence = a.counted.Shares(a.rooms.Config.Quality.TypeMix)
	return &a.result, err
}

// markStale comes before the questions: what asks of a chunk as it was is no
// duplicate of what is asked of it now.
func (a *all) markStale(ctx context.Context) (err error) {
	if !a.save {
		return nil
	}
	var mended int
	a.result.Stale, mended, err = a.rooms.Store.MarkStale(ctx, a.walk.Collection, a.walk.Slice, func(n int) {
		a.call.Progress("stale", n, n+1, "saved questions whose chunk is gone or changed")
	})
	if mended > 0 {
		a.result.Warnings = append(a.result.Warnings, fmt.Sprintf("%d saved questions named their chunk by a negative number, as earlier versions wrote ids of 2^63 and more: they name it by its id now", mended))
	}
	return err
}

// spent adds to a spent budget where the questions so far are.
func (a *all) spent(err error) error {
	var budget *api.BudgetError
	if errors.As(err, &budget) {
		budget.PartialOutput = a.output
	}
	return err
}

func (a *all) noText(questions int) {
	a.note(questions, func(r *api.GenerateAllResult) { r.Skipped += questions })
}

func (a *all) finishedBefore(q question) {
	a.note(1, func(r *api.GenerateAllResult) {
		r.Skipped++
		if !q.finished.rejected {
			a.counted.Add(q.finished.kind)
		}
	})
}

func (a *all) asking(ctx context.Context) context.Context { return ctx }

func (a *all) rejected(q question, d draw) error {
	err := a.journal.add(journalLine{ID: q.id, Query: d.Query, QueryType: d.QueryType, QueryFormat: d.QueryFormat, Rejected: d.rejected, Gates: a.gateList}, nil)
	a.note(1, func(r *api.GenerateAllResult) { r.Rejected++ })
	return err
}

// accepted saves, then writes, then counts.
func (a *all) accepted(ctx context.Context, q question, persona string, d draw, paid func() api.Usage) error {
	var point any
	if a.save {
		var err error
		point, err = a.rooms.save(ctx, a.call, a.toSave(d, q.chunkID, q.chunk, persona, a.walk.Collection), paid)
		if err != nil {
			return err
		}
	}
	var line []byte
	if a.output != "" && !q.finished.written {
		var err error
		if line, err = a.outputLine(q, persona, d, point); err != nil {
			return err
		}
	}
	if err := a.journal.add(journalLine{ID: q.id, Query: d.Query, QueryType: d.QueryType, QueryFormat: d.QueryFormat, Saved: a.save}, line); err != nil {
		return err
	}
	a.note(1, func(r *api.GenerateAllResult) { r.Done++; r.Written++; a.counted.Add(d.QueryType) })
	return nil
}

func (a *all) outputLine(q question, persona string, d draw, point any) ([]byte, error) {
	o := jsonvalue.NewObject()
	o.Set("id", q.id)
	o.Set("chunk_id", q.chunkID)
	o.Set("chunk_text", q.chunk)
	o.Set("persona_description", persona)
	o.Set("query", d.Query)
	o.Set("query_type", d.QueryType)
	o.Set("query_format", d.QueryFormat)
	o.Set("warnings", d.warnings)
	if point != nil {
		o.Set("point_id", point)
	}
	o.Set("model", d.Model)
	o.Set("program_hash", a.program.Hash)
	line, err := jsonvalue.Marshal(o)
	return append(line, '\n'), err
}

func (a *all) failed(q question, open int, err error) {
	a.note(open, func(r *api.GenerateAllResult) {
		r.Failed += open
		r.Failures = withFailure(r.Failures, q, err)
	})
}

// note changes the result and reports.
func (a *all) note(questions int, change func(*api.GenerateAllResult)) {
	a.advance(questions, func() { change(&a.result) }, a.line)
}

// line is how it goes: "61.5 a second; 3 rejected, 1 failed; $0.42; about 12 min
// left". What was skipped took no time, and tells nothing of the rest.
func (a *all) line(elapsed time.Duration, left int) string {
	r := &a.result
	made := r.Done + r.Rejected + r.Failed
	if made == 0 {
		return fmt.Sprintf("%d were done before", r.Skipped)
	}
	rate := float64(made) / elapsed.Seconds()
	parts := []string{fmt.Sprintf("%.3g a second", rate)}
	if r.Rejected+r.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d rejected, %d failed", r.Rejected, r.Failed))
	}
	if usd := a.call.Usage().USD; usd != nil && *usd > 0 {
		parts = append(parts, fmt.Sprintf("$%.2f", *usd))
	}
	if made >= lm.EnoughToTell {
		parts = append(parts, lm.Left(time.Duration(float64(left)/rate*float64(time.Second))))
	}
	return strings.Join(parts, "; ")
}
