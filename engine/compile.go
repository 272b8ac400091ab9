package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
)

// Compile finds demonstrations for the program on the gold set's train part,
// scores candidates on its dev part and saves the best one, with a run file
// beside it. It answers *CompileResult, or *DryRunResult with dry_run.
//
// What was answered before a crash, a cancel or a spent budget is in the
// dispatcher's cache, so the same call again pays only for the rest.
func (e *Engine) Compile(ctx context.Context, p api.CompileParams) (any, error) {
	c, err := e.lm.Begin(ctx, "compile", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer c.Cancel()
	job, err := e.newCompiling(c, p)
	if err != nil {
		return nil, c.Fault(err)
	}
	if p.DryRun {
		result, err := job.dryRun()
		return result, c.Fault(err)
	}
	result, err := job.run()
	if err != nil {
		return nil, err
	}
	return result, nil
}

// compiling is one compile under way.
type compiling struct {
	engine   *Engine
	call     *lm.Call
	gold     []gold.Entry
	goldPath string
	output   string
	start    programs.Loaded
	settings optimize.Settings
	split    api.Split
	train    []int
	dev      []int
	test     []int
	scorer   *metric.Scorer
	task     program.Model
	teacher  program.Model
	warnings []string
	lessons  func() lessons // read when first needed
}

func (e *Engine) newCompiling(c *lm.Call, p api.CompileParams) (*compiling, error) {
	job := &compiling{engine: e, call: c, goldPath: e.goldPath(p.Gold), output: e.cfg.Files.Program, split: api.DefaultSplit(), start: e.programs.Unoptimised()}
	if p.Output != "" {
		job.output = files.Abs(p.Output)
	}
	var err error
	if job.settings, err = e.optimizerSettings(p.Optimizer); err != nil {
		return nil, err
	}
	job.settings.Thrifty = p.Budget != nil // nothing in vain, then
	if p.Split != nil {
		job.split = *p.Split
		if err := job.split.Check(); err != nil {
			return nil, err
		}
	}
	if p.Program.Given {
		if job.start, err = e.programs.Load(p.Program); err != nil {
			return nil, err
		}
	}
	if err := job.models(p); err != nil {
		return nil, err
	}
	if job.gold, err = gold.ReadSome(job.goldPath); err != nil {
		return nil, err
	}
	job.lessons = sync.OnceValue(job.readLessons)
	return job, job.divide()
}

func (j *compiling) models(p api.CompileParams) (err error) {
	if j.scorer, err = j.engine.newScorer(j.call, p.Metric, p.Threshold); err != nil {
		return err
	}
	if j.task, err = j.engine.lm.Model(j.call, "task"); err != nil {
		return err
	}
	j.teacher, err = j.engine.lm.Model(j.call, "teacher")
	return err
}

// divide splits the gold set. Without a dev part candidates are scored on what
// they were taught with, as DSPy does; the optimiser says so.
func (j *compiling) divide() error {
	chunks := make([]string, len(j.gold))
	for i, g := range j.gold {
		chunks[i] = g.ChunkText
	}
	j.train, j.dev, j.test = splitParts(j.split, chunks)
	if len(j.train) == 0 {
		return &api.ParamError{Param: "split.train", Expected: "a share that leaves at least one entry to learn from", Found: fmt.Sprintf("none of the %d entries", len(j.gold))}
	}
	if j.engine.cfg.Cache.Path == "" {
		j.warnings = append(j.warnings, "the cache is off (cache.path): an interrupted compile pays for everything again")
	}
	return nil
}

// optimizerSettings lays the parameters over the contract's defaults. As many
// examples are in work as calls may be in flight, and a few more, so that a place
// that falls free is taken at once.
func (e *Engine) optimizerSettings(p *api.OptimizerParams) (optimize.Settings, error) {
	s := optimize.Defaults()
	capacity := e.disp.Capacity(e.cfg.TaskRole().Endpoints, e.cfg.TeacherRole().Endpoints, e.cfg.JudgeRole().Endpoints)
	s.Concurrency = min(capacity+capacity/8+2, optimize.MaxConcurrency)
	if p != nil {
		if p.Name != "" {
			s.Name = p.Name
		}
		for _, number := range []struct{ given, into *int }{
			{p.MaxBootstrappedDemos, &s.MaxBootstrappedDemos}, {p.MaxLabeledDemos, &s.MaxLabeledDemos},
			{p.NumCandidatePrograms, &s.NumCandidatePrograms}, {p.MaxRounds, &s.MaxRounds}, {p.Concurrency, &s.Concurrency},
			{p.NumProposals, &s.NumProposals}, {p.MinibatchSize, &s.MinibatchSize},
		} {
			if number.given != nil {
				*number.into = *number.given
			}
		}
		if p.Prune != nil {
			s.Prune = *p.Prune
		}
		if p.Seed != nil {
			s.Seed = *p.Seed
		}
	}
	err := s.Validate()
	var wrong *optimize.SettingError
	if errors.As(err, &wrong) {
		return s, &api.ParamError{Param: "optimizer." + wrong.Setting, Expected: wrong.Expected, Found: wrong.Found}
	}
	return s, err
}

// run compiles and saves. When the budget ends it, the best candidate so far, if
// one was scored, is saved under a name that says so: an earlier program at the
// output is worth more than half a search.
func (j *compiling) run() (*api.CompileResult, error) {
	if err := j.mayCompile(); err != nil {
		return nil, err // before anything is paid for
	}
	if err := j.licence(); err != nil {
		return nil, err
	}
	result, err := optimize.Compile(j.call.Ctx, j.optimizeTask(), j.settings)
	if err != nil {
		return nil, j.partial(result, j.call.Fault(err))
	}
	if err := j.save(j.output, result); err != nil {
		return nil, err
	}
	return j.result(result), nil
}

// licence warns of a judge that is known to disagree with people: everything is
// chosen by it. It is not asked for that, as evaluate asks it.
func (j *compiling) licence() error {
	agreement, err := j.engine.agreement(dispatcher.OnlyCached(j.call.Ctx), j.scorer)
	if err != nil {
		return err
	}
	if metric.Mark(agreement) != "" {
		j.warnings = append(j.warnings, metric.Warning(agreement))
	}
	return nil
}

func (j *compiling) partial(r optimize.Result, fault error) error {
	var spent *api.BudgetSpent
	if r.Best.Program == nil || !errors.As(fault, &spent) {
		return fault
	}
	output := j.partialOutput()
	if err := j.save(output, r); err != nil {
		return err
	}
	spent.PartialOutput = output
	return fault
}

// mayCompile finds out whether the program and what belongs to it can be written.
func (j *compiling) mayCompile() error {
	outputs := []string{j.output}
	if j.settings.Thrifty {
		outputs = append(outputs, j.partialOutput())
	}
	for _, output := range outputs {
		if err := j.engine.mayWriteProgram(output); err != nil {
			return err
		}
	}
	return writable(j.output)
}

// partialOutput is for the best program of a compile whose budget was spent.
func (j *compiling) partialOutput() string {
	return strings.TrimSuffix(j.output, ".json") + ".partial.json"
}

// writable finds out early whether the output's folder can be written to.
func writable(path string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".qgen-*")
	if err != nil {
		return &api.FileError{Path: path, Reason: "cannot be written: " + files.Reason(err)}
	}
	f.Close()
	return os.Remove(f.Name())
}

func (j *compiling) optimizeTask() optimize.Task {
	return optimize.Task{
		Student: j.start.Program, Train: j.examples(j.train), Dev: j.examples(j.dev),
		Teach: func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
			o := program.RunOptions{Rollout: round}
			if round > 0 {
				warm := 1.0 // as DSPy asks again
				o.Temperature = &warm
			}
			return p.Run(ctx, j.teacher, inputsOf(ex.Values), o)
		},
		Predict: func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
			return p.Run(ctx, j.task, inputsOf(ex.Values), program.RunOptions{})
		},
		Judge: func(ctx context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
			return j.scorer.Score(ctx, ex.Values, p.Query, 0)
		},
		Reflect:  j.reflect,
		Top:      scoreMost,
		Recall:   dispatcher.OnlyCached,
		Order:    dispatcher.WithOrder,
		Spent:    budgetSpent,
		Progress: j.progress,
	}
}

func budgetSpent(err error) bool {
	var spent *dispatcher.BudgetError
	return errors.As(err, &spent)
}

// inputsOf leaves the labels out: they are what is asked for.
func inputsOf(ex program.Values) program.Values {
	return program.Values{"chunk_text": ex["chunk_text"], "persona_description": ex["persona_description"]}
}

func (j *compiling) examples(indices []int) []optimize.Example {
	out := make([]optimize.Example, len(indices))
	for i, index := range indices {
		out[i] = exampleOf(j.gold[index], index)
	}
	return out
}

// exampleOf is a gold entry as DSPy's example: gold_question is the label of query.
func exampleOf(g gold.Entry, index int) optimize.Example {
	return optimize.NewExample(index, program.Values{"chunk_text": g.ChunkText, "persona_description": g.PersonaDescription,
		"query": g.GoldQuestion, "query_type": g.QueryType, "query_format": g.QueryFormat})
}

func (j *compiling) result(r optimize.Result) *api.CompileResult {
	out := &api.CompileResult{ProgramUsed: j.start.Used(), Output: j.output, Candidates: r.Candidates,
		Split: j.counts(), Usage: j.call.Usage(), ElapsedS: time.Since(j.call.Start).Seconds(), Warnings: append(j.warnings, r.Warnings...)}
	out.Baseline.Score = r.Baseline.Score
	out.Best.Candidate, out.Best.Score = r.Best.Candidate, r.Best.Score
	n := j.call.Finished()
	j.call.Progress("saved", n, n, j.output)
	return out
}

func (j *compiling) counts() api.SplitCounts {
	return api.SplitCounts{Train: len(j.train), Dev: len(j.dev), Test: len(j.test)}
}
