package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gate"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/engine/store"
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
func (e *Engine) GenerateAll(ctx context.Context, p api.GenerateAllParams) (any, error) {
	c, err := e.lm.Begin(ctx, "generate-all", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	job, err := e.newGeneratingAll(c, p)
	if err != nil {
		return nil, c.Fault(err)
	}
	if p.DryRun {
		result, err := job.dryRun()
		return result, c.Fault(err)
	}
	result, err := job.run()
	if err != nil {
		return nil, job.spent(c.Fault(err))
	}
	return result, nil
}

// generatingAll is one generate-all under way.
type generatingAll struct {
	generation
	collection string
	filter     store.Filter
	limit      int
	perChunk   int
	slice      api.Slice
	output     string
	save       bool
	fresh      bool
	gateNames  string // as the journal has them
	types      typePlan
	underway   *gate.Underway // questions that are to be saved; nil without save
	journal    *journal

	mu      sync.Mutex
	result  api.GenerateAllResult
	counted typeCount
	seen    int // questions looked at
	total   int
}

// failuresListed bounds the list in the result; all are counted.
const failuresListed = 1000

func (e *Engine) newGeneratingAll(c *lm.Call, p api.GenerateAllParams) (*generatingAll, error) {
	job := &generatingAll{generation: generation{engine: e, call: c, draws: 1, tally: &gate.Tally{}}, collection: e.store.Collection(p.Collection), save: p.Save,
		fresh: p.Resume != nil && !*p.Resume, slice: api.Slice{Total: 1}, types: newTypePlan(e.cfg.Quality.TypeMix), counted: typeCount{}}
	var err error
	if job.limit, err = api.IntParam("limit", p.Limit, api.AnyNumber, 1, api.AnyNumber); err != nil {
		return nil, err
	}
	if job.perChunk, err = api.IntParam("per_chunk", p.PerChunk, 1, 1, 20); err != nil {
		return nil, err
	}
	if job.filter, err = store.ParseFilter(p.Filter); err != nil {
		return nil, err
	}
	if p.Slice != nil {
		job.slice = *p.Slice
	}
	if s := job.slice; s.Total < 1 || s.Index < 0 || s.Index >= s.Total {
		return nil, &api.ParamError{Param: "slice", Expected: "0 <= index < total", Found: fmt.Sprintf("index %d of %d", s.Index, s.Total)}
	}
	if p.Output != "" {
		job.output = files.Abs(p.Output)
		if err := e.mayAppend(job.output, job.output+".journal"); err != nil {
			return nil, err
		}
	}
	if job.output == "" && !p.Save && !p.DryRun {
		return nil, &api.ParamError{Param: "output", Expected: "output, save or both, so that the questions go somewhere", Found: "neither"}
	}
	if p.Save {
		job.underway = &gate.Underway{}
	}
	if p.Save && !p.DryRun {
		if err := e.canSave(c.Ctx, nil); err != nil {
			return nil, err
		}
	}
	if err := job.load(p.Program, p.Gates); err != nil {
		return nil, err
	}
	job.gateNames = strings.Join(job.gates, ",")
	if p.Save && !p.DryRun {
		e.programs.Keep(job.program)
	}
	return job, nil
}

// journalPath is beside the output; without one beside the program, where the
// next call with the same config finds it.
func (j *generatingAll) journalPath() string {
	if j.output != "" {
		return j.output + ".journal"
	}
	name := "generate-all.journal"
	if j.slice.Total > 1 {
		name = fmt.Sprintf("generate-all-%d-of-%d.journal", j.slice.Index, j.slice.Total)
	}
	return j.engine.cfg.StatePath(name)
}

func (j *generatingAll) run() (*api.GenerateAllResult, error) {
	j.result.Failures = []api.Failure{}
	j.result.ProgramUsed = j.program.Used()
	var err error
	if j.total, err = j.count(); err != nil {
		return nil, err
	}
	if j.journal, err = openJournal(j.call.Ctx, j.output, j.journalPath(), j.fresh, j.perChunk > 1); err != nil {
		return nil, err
	}
	j.result.Warnings = j.journal.warnings()
	if err = j.markStale(); err == nil {
		err = j.work(j.chunk)
	}
	if closing := j.journal.close(); err == nil {
		err = closing
	}
	j.call.Progress("generate", j.seen, j.seen, "")
	j.result.Usage, j.result.Gates = j.call.Usage(), j.tally.List()
	j.result.Types, j.result.TypeDivergence = j.counted.shares(j.engine.cfg.Quality.TypeMix)
	return &j.result, err
}

// markStale comes before the questions: what asks of a chunk as it was is no
// duplicate of what is asked of it now.
func (j *generatingAll) markStale() (err error) {
	if !j.save {
		return nil
	}
	var mended int
	j.result.Stale, mended, err = j.engine.store.MarkStale(j.call.Ctx, j.collection, j.slice, func(n int) {
		j.call.Progress("stale", n, n+1, "saved questions whose chunk is gone or changed")
	})
	if mended > 0 {
		j.result.Warnings = append(j.result.Warnings, fmt.Sprintf("%d saved questions named their chunk by a negative number, as earlier versions wrote ids of 2^63 and more: they name it by its id now", mended))
	}
	return err
}

// walk is the chunks that the job looks at.
func (j *generatingAll) walk() store.Walk {
	return store.Walk{Collection: j.collection, Filter: j.filter, Slice: j.slice, Limit: j.limit}
}

// count is how many questions there will be to look at; with slices a guess.
func (j *generatingAll) count() (int, error) {
	n, err := j.engine.store.CountChunks(j.call.Ctx, j.walk())
	return n * j.perChunk, err
}

// each calls fn with every chunk of the slice, in id order, up to the limit.
func (j *generatingAll) each(ctx context.Context, fn func(store.Chunk) error) error {
	return j.engine.store.EachChunk(ctx, j.walk(), fn)
}

// work reads chunks and has fn ask of many at once. The group's limit holds the
// reader back, so that no more than a page waits in memory.
func (j *generatingAll) work(fn func(store.Chunk) error) error {
	group, ctx := errgroup.WithContext(j.call.Ctx)
	group.SetLimit(examplesAtOnce)
	outer := j.call.Ctx
	j.call.Ctx = ctx // one fault that stops the job stops the calls under way
	defer func() { j.call.Ctx = outer }()
	err := j.each(ctx, func(p store.Chunk) error {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		group.Go(func() error { return fn(p) })
		return nil
	})
	if waited := group.Wait(); waited != nil {
		return waited
	}
	return err
}

// spent adds to a spent budget where the questions so far are.
func (j *generatingAll) spent(err error) error {
	var budget *api.BudgetSpent
	if errors.As(err, &budget) {
		budget.PartialOutput = j.output
	}
	return err
}

// dryRun looks at every chunk and the journal, and asks no model. What lies in
// the reply cache without being in the journal is not taken off. Of a chunk's
// questions only the first is certain to cost something: a refused one may
// leave the next with the same prompt, whose reply is known then.
func (j *generatingAll) dryRun() (*api.DryRunResult, error) {
	if err := j.openKnown(); err != nil {
		return nil, err
	}
	var tokens, retold span
	first, all := 0, 0 // questions
	answerable := slices.Contains(j.gates, gate.Answerable)
	err := j.each(j.call.Ctx, func(p store.Chunk) error {
		units := slices.DeleteFunc(j.units(p), func(u unit) bool {
			return !u.needed || answerable && quality.AnswersNothing(u.chunk) != ""
		})
		for i, u := range units {
			prompts, again := j.promptTokens(u)
			prompts[1] += i*(questionTokens*len(j.program.Program.Predictors)+kindTokens) + planTokens
			if i > 0 {
				prompts[0] = 0
			} else {
				first++
			}
			tokens, retold = tokens.plus(prompts), retold.plus(again)
		}
		all += len(units)
		return nil
	})
	predictors := len(j.program.Program.Predictors)
	asked := api.CallRange{AtLeast: first * predictors, AtMost: all * predictors}
	if len(j.gates) > 0 || j.perChunk > 1 { // each may be refused, and is asked again once
		asked.AtMost += all
		tokens[1] += retold[1]
	}
	b := &bill{engine: j.engine}
	b.add("task", asked, tokens)
	if answerable {
		b.add("judge", api.CallRange{AtMost: 2 * all}, span{0, 2 * retold[1]})
	}
	return b.result(), err
}

// openKnown reads the journal if there is one to go on with.
func (j *generatingAll) openKnown() (err error) {
	if files.Exists(j.journalPath()) && !j.fresh {
		j.journal, err = readKnown(j.output, j.journalPath(), j.perChunk > 1)
	}
	return err
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
func (j *generatingAll) promptTokens(u unit) (sum, last span) {
	for _, predictor := range j.program.Program.Predictors {
		last = tokensOf(predictor.Messages(program.Values{"chunk_text": u.chunk}))
		sum = sum.plus(last)
	}
	return sum, last.plus(span{0, replyTokens})
}
