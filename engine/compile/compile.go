package compile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
)

// Compiler compiles programs. Its fields are the rooms that it stands on. Safe for
// concurrent use.
type Compiler struct {
	Config   *config.Config
	Version  string // of the sidecar, for run files
	Models   *lm.Models
	Programs *programs.Cache
	Gold     *gold.Set
	Scores   *gold.Scores
	Outputs  *outputs.Guard
}

// Compile finds demonstrations for the program on the gold set's train part,
// scores candidates on its dev part and saves the best one, with a run file
// beside it. It answers *CompileResult, or *DryRunResult with dry_run.
//
// What was answered before a crash, a cancel or a spent budget is in the
// dispatcher's cache, so the same call again pays only for the rest.
func (co *Compiler) Compile(ctx context.Context, p api.CompileParams) (any, error) {
	ctx, call, err := co.Models.Begin(ctx, "compile", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer call.End()
	j, err := co.newJob(call, p)
	if err != nil {
		return nil, call.Fault(ctx, err)
	}
	if p.DryRun {
		result, err := j.dryRun(ctx)
		return result, call.Fault(ctx, err)
	}
	result, err := j.run(ctx)
	if err != nil {
		return nil, err
	}
	return result, nil
}

// Job is one compile under way.
type Job struct {
	*Compiler
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
	lessons  func() lessons // what people decided; read when first needed
}

func (co *Compiler) newJob(call *lm.Call, p api.CompileParams) (*Job, error) {
	j := &Job{Compiler: co, call: call, goldPath: co.Gold.PathOf(p.Gold), output: co.Config.Files.Program, split: api.DefaultSplit(), start: co.Programs.Unoptimised()}
	if p.Output != "" {
		j.output = files.Abs(p.Output)
	}
	var err error
	if j.settings, err = co.optimizerSettings(p.Optimizer); err != nil {
		return nil, err
	}
	j.settings.Thrifty = p.Budget != nil
	if p.Split != nil {
		j.split = *p.Split
		if err := j.split.Check(); err != nil {
			return nil, err
		}
	}
	if p.Program.Given {
		if j.start, err = co.Programs.Load(p.Program); err != nil {
			return nil, err
		}
	}
	if err := j.models(p); err != nil {
		return nil, err
	}
	if j.gold, err = gold.ReadSome(j.goldPath); err != nil {
		return nil, err
	}
	j.lessons = sync.OnceValue(j.readLessons)
	return j, j.divide()
}

func (j *Job) models(p api.CompileParams) (err error) {
	if j.scorer, err = metric.New(j.call, j.Config, j.Models, p.Metric, p.Threshold); err != nil {
		return err
	}
	if j.task, err = j.Models.Model(j.call, "task"); err != nil {
		return err
	}
	j.teacher, err = j.Models.Model(j.call, "teacher")
	return err
}

// divide splits the gold set. Without a dev part candidates are scored on what
// they were taught with, as DSPy does; the optimiser says so.
func (j *Job) divide() error {
	j.train, j.dev, j.test = gold.Divide(j.split, gold.Chunks(j.gold))
	if len(j.train) == 0 {
		return &api.ParamError{Param: "split.train", Expected: "a share that leaves at least one entry to learn from", Found: fmt.Sprintf("none of the %d entries", len(j.gold))}
	}
	if j.Config.Cache.Path == "" {
		j.warnings = append(j.warnings, "the cache is off (cache.path): an interrupted compile pays for everything again")
	}
	return nil
}

// optimizerSettings lays the parameters over the defaults. As many
// examples are in work as calls may be in flight, and a few more, so that a place
// that falls free is taken at once.
func (co *Compiler) optimizerSettings(p *api.OptimizerParams) (optimize.Settings, error) {
	s := optimize.Defaults()
	capacity := co.Models.Capacity()
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
	return s, s.Validate()
}

// run compiles and saves. When the budget ends it, the best candidate so far, if
// one was scored, is saved under a name that says so: an earlier program at the
// output is worth more than half a search.
func (j *Job) run(ctx context.Context) (*api.CompileResult, error) {
	if err := j.mayCompile(); err != nil {
		return nil, err // before anything is paid for
	}
	if err := j.licence(ctx); err != nil {
		return nil, err
	}
	result, err := optimize.Compile(ctx, j.optimizeTask(ctx), j.settings)
	if err != nil {
		return nil, j.partial(ctx, result, j.call.Fault(ctx, err))
	}
	if err := j.save(ctx, j.output, result); err != nil {
		return nil, err
	}
	return j.result(result), nil
}

// licence warns of a judge that is known to disagree with people: everything is
// chosen by it. It is not asked for that, as evaluate asks it.
func (j *Job) licence(ctx context.Context) error {
	agreement, err := j.scorer.Agreement(dispatcher.OnlyCached(ctx), j.Scores)
	if err != nil {
		return err
	}
	if metric.Mark(agreement) != "" {
		j.warnings = append(j.warnings, metric.Warning(agreement))
	}
	return nil
}

func (j *Job) partial(ctx context.Context, r optimize.Result, fault error) error {
	var spent *api.BudgetError
	if r.Best.Program == nil || !errors.As(fault, &spent) {
		return fault
	}
	output := j.partialOutput()
	if err := j.save(ctx, output, r); err != nil {
		return errors.Join(err, fault) // the file's comes first: it is what can be mended
	}
	spent.PartialOutput = output
	return fault
}

// mayCompile finds out whether the program and what belongs to it can be written.
func (j *Job) mayCompile() error {
	paths := []string{j.output}
	if j.settings.Thrifty {
		paths = append(paths, j.partialOutput())
	}
	for _, output := range paths {
		if err := j.mayWrite(output); err != nil {
			return err
		}
	}
	return outputs.Writable(j.output)
}

// partialOutput is for the best program of a compile whose budget was spent.
func (j *Job) partialOutput() string {
	return strings.TrimSuffix(j.output, ".json") + ".partial.json"
}

func (j *Job) optimizeTask(ctx context.Context) optimize.Task {
	return optimize.Task{
		Student: j.start.Program, Train: j.examples(j.train), Dev: j.examples(j.dev),
		Teach: func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
			o := program.RunOptions{Rollout: round}
			if round > 0 {
				warm := 1.0 // as DSPy asks again
				o.Temperature = &warm
			}
			return p.Run(ctx, j.teacher, gold.Inputs(ex.Values), o)
		},
		Predict: func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
			return p.Run(ctx, j.task, gold.Inputs(ex.Values), program.RunOptions{})
		},
		Judge: func(ctx context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
			return j.scorer.Score(ctx, ex.Values, p.Query, 0)
		},
		Reflect:  j.reflect,
		Top:      gold.ScoreMost,
		Recall:   dispatcher.OnlyCached,
		Order:    dispatcher.WithOrder,
		Spent:    func(err error) bool { return ctx.Err() == nil && j.call.Stops(ctx, err) },
		Progress: j.progress,
	}
}

func (j *Job) examples(indices []int) []optimize.Example {
	out := make([]optimize.Example, len(indices))
	for i, index := range indices {
		out[i] = optimize.NewExample(index, j.gold[index].Values())
	}
	return out
}

func (j *Job) result(r optimize.Result) *api.CompileResult {
	out := &api.CompileResult{ProgramUsed: j.start.Used(), Output: j.output, Candidates: r.Candidates,
		Split: j.counts(), Usage: j.call.Usage(), ElapsedS: time.Since(j.call.Start).Seconds(), Warnings: append(j.warnings, r.Warnings...)}
	out.Baseline.Score = r.Baseline.Score
	out.Best.Candidate, out.Best.Score = r.Best.Candidate, r.Best.Score
	n := j.call.Finished()
	j.call.Progress("saved", n, n, j.output)
	return out
}

func (j *Job) counts() api.SplitCounts {
	return api.SplitCounts{Train: len(j.train), Dev: len(j.dev), Test: len(j.test)}
}
