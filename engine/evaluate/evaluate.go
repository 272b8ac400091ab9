package evaluate

import (
	"context"
	"fmt"
	"sync/atomic"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/engine/files"
	"qgen-sidecar/engine/gold"
	"qgen-sidecar/engine/lm"
	"qgen-sidecar/engine/metric"
	"qgen-sidecar/engine/outputs"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/engine/programs"
	"qgen-sidecar/engine/report"
	"qgen-sidecar/internal/parallel"
)

// Evaluator compares programs. Its fields are the rooms that it stands on. Safe for
// concurrent use.
type Evaluator struct {
	Config   *config.Config
	Version  string // of the sidecar, for reports
	Models   *lm.Models
	Programs *programs.Cache
	Gold     *gold.Set
	Scores   *gold.Scores
	Outputs  *outputs.Guard
}

// Evaluate runs the baseline and the program over the same gold entries, has
// both judged, and says what may be concluded. A call that failed is an error
// in the result, counted apart, and never a zero in an average.
func (ev *Evaluator) Evaluate(ctx context.Context, p api.EvaluateParams) (*api.EvaluateResult, error) {
	ctx, call, err := ev.Models.Begin(ctx, "evaluate", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer call.End()
	j := &Job{Evaluator: ev, call: call, method: "evaluate", params: p}
	if err := j.sides(p); err != nil {
		return nil, call.Fault(ctx, err)
	}
	result, err := j.run(ctx)
	return result, call.Fault(ctx, err)
}

// Compare is Evaluate of any two programs, or of two task models.
func (ev *Evaluator) Compare(ctx context.Context, p api.CompareParams) (*api.EvaluateResult, error) {
	ctx, call, err := ev.Models.Begin(ctx, "compare", p.Call, dispatcher.Batch, p.Budget)
	if err != nil {
		return nil, err
	}
	defer call.End()
	j := &Job{Evaluator: ev, call: call, method: "compare", params: api.EvaluateParams{Gold: p.Gold, Split: p.Split, Metric: p.Metric,
		Threshold: p.Threshold, Examples: p.Examples, Repeats: p.Repeats, Report: p.Report}}
	if err := j.pair(p); err != nil {
		return nil, call.Fault(ctx, err)
	}
	result, err := j.run(ctx)
	return result, call.Fault(ctx, err)
}

// Job is one evaluate or compare under way.
type Job struct {
	*Evaluator
	call     *lm.Call
	method   string // evaluate or compare
	params   api.EvaluateParams
	baseline *side
	better   *side // what is compared with the baseline
	scorer   *metric.Scorer
	repeats  int
	shown    int
	split    string
	entries  []gold.Entry
	warnings []string
	search   *float64 // the winner's score while compiling
}

// side is one of the two: a program with a model, or questions from a file.
type side struct {
	programs.Loaded
	role  config.Role
	model program.Model
	file  *predictions
}

// sides are evaluate's: the program, and a baseline that may be a file of
// questions that were written before.
func (j *Job) sides(p api.EvaluateParams) (err error) {
	role := j.Config.TaskRole()
	j.better = &side{role: role}
	if j.better.Loaded, err = j.Programs.Load(p.Program); err != nil {
		return err
	}
	j.baseline = &side{role: role}
	if isLines(p.Baseline) {
		j.baseline.file, err = readPredictions(files.Abs(p.Baseline.Path))
		j.baseline.Path = files.Abs(p.Baseline.Path)
		return err
	}
	if !p.Baseline.Given {
		p.Baseline = api.ProgramRef{Given: true}
	}
	j.baseline.Loaded, err = j.Programs.Load(p.Baseline)
	return err
}

// pair are compare's two, each with its own model if models are given.
func (j *Job) pair(p api.CompareParams) (err error) {
	if len(p.Programs) != 2 {
		return &api.ParamError{Param: "programs", Expected: "two programs", Found: fmt.Sprint(len(p.Programs))}
	}
	if len(p.Models) != 0 && len(p.Models) != 2 {
		return &api.ParamError{Param: "models", Expected: "none or two models", Found: fmt.Sprint(len(p.Models))}
	}
	for i, into := range []**side{&j.baseline, &j.better} {
		s := &side{role: j.Config.TaskRole()}
		if len(p.Models) == 2 && p.Models[i] != "" {
			s.role.Model = p.Models[i]
		}
		ref := p.Programs[i]
		ref.Given = true // null in the list is the unoptimised program
		if s.Loaded, err = j.Programs.Load(ref); err != nil {
			return err
		}
		*into = s
	}
	return nil
}

func (j *Job) run(ctx context.Context) (*api.EvaluateResult, error) {
	if err := j.prepare(); err != nil {
		return nil, err
	}
	rows, err := j.rows(ctx)
	if err != nil {
		return nil, err
	}
	agreement, err := j.scorer.Agreement(ctx, j.Scores)
	if err != nil {
		return nil, err
	}
	return j.conclude(rows, agreement)
}

func (j *Job) prepare() (err error) {
	p := j.params
	if j.repeats, err = api.IntParam("repeats", p.Repeats, 1, 1, 25); err != nil {
		return err
	}
	if j.shown, err = api.IntParam("examples", p.Examples, 5, 0, api.AnyNumber); err != nil {
		return err
	}
	if j.scorer, err = metric.New(j.call, j.Config, j.Models, p.Metric, p.Threshold); err != nil {
		return err
	}
	for _, s := range []*side{j.baseline, j.better} {
		if s.file != nil {
			continue
		}
		if s.model, err = j.Models.ModelOf(j.call, "task", s.role); err != nil {
			return err
		}
	}
	if err := j.Outputs.Reportable(p.Report, report.Evaluation); err != nil {
		return err
	}
	if err := j.choose(p); err != nil {
		return err
	}
	j.warn()
	return nil
}

// rows runs and judges everything. What ends the job ends it; any other fault
// belongs to its example.
func (j *Job) rows(ctx context.Context) ([]row, error) {
	rows := make([]row, len(j.entries))
	var done atomic.Int64
	total := 2 * len(rows)
	finished := func() { j.call.Progress("evaluate", int(done.Add(1)), total, "") }
	tasks := make([]func() error, 0, total)
	for i := range rows {
		rows[i].gold = j.entries[i]
		for s, into := range map[*side]*output{j.baseline: &rows[i].baseline, j.better: &rows[i].better} {
			tasks = append(tasks, func() error {
				defer finished()
				*into = j.output(ctx, s, rows[i].gold)
				if into.err != nil && j.call.Stops(ctx, into.err) {
					return into.err
				}
				return nil
			})
		}
	}
	j.call.Progress("evaluate", 0, total, "")
	if err := parallel.Do(ctx, lm.AtOnce, tasks); err != nil {
		return nil, err
	}
	return rows, j.allFailed(rows)
}

// allFailed: a result without a single score would only hide why.
func (j *Job) allFailed(rows []row) error {
	var first error
	for _, r := range rows {
		for _, o := range []output{r.baseline, r.better} {
			if o.err == nil {
				return nil
			}
			if first == nil {
				first = o.err
			}
		}
	}
	return first
}
