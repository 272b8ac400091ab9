package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/fault"
)

func compile(t *testing.T, task optimize.Task, s optimize.Settings) optimize.Result {
	t.Helper()
	res, err := optimize.Compile(context.Background(), task, s)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestPruningKeepsTheWinner(t *testing.T) {
	saved := 0
	for seed := range 24 {
		s := optimize.Defaults()
		s.NumCandidatePrograms, s.Concurrency, s.Prune = 2+seed%5, 1+seed%7, false
		s.MaxBootstrappedDemos, s.MaxErrors = seed%4, 1000
		fails := func(task optimize.Task) optimize.Task { // some runs have no answer
			judge := task.Judge
			task.Judge = func(ctx context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
				if number(fmt.Sprint("fail", seed, ex.Index, p.Query))%100 < uint32(seed%4)*20 {
					return optimize.Score{}, errors.New("no answer")
				}
				return judge(ctx, ex, p)
			}
			return task
		}
		all, asked := newTask(8+seed%9, 5+seed%8, 20+seed)
		want := compile(t, fails(all), s)
		s.Prune = true
		some, less := newTask(8+seed%9, 5+seed%8, 20+seed)
		got := compile(t, fails(some), s)
		if got.Best.Candidate != want.Best.Candidate || *got.Best.Score != *want.Best.Score || got.Best.Program.Hash() != want.Best.Program.Hash() {
			t.Errorf("seed %d: expected %d with %v, found %d with %v", seed, want.Best.Candidate, *want.Best.Score, got.Best.Candidate, *got.Best.Score)
		}
		saved += int(asked.evaluate.Load() - less.evaluate.Load())
		for i, c := range got.Candidates {
			if c.Pruned && c.Score != nil || c.Candidate == -3 && c.Pruned {
				t.Errorf("seed %d: candidate %+v", seed, c)
			}
			if !c.Pruned && (c.Score == nil) != (want.Candidates[i].Score == nil) {
				t.Errorf("seed %d: candidate %d has no score, but is not pruned", seed, c.Candidate)
			}
		}
	}
	if saved == 0 {
		t.Error("pruning saved nothing")
	}
}

func TestAFailureIsNoZero(t *testing.T) {
	task, _ := newTask(6, 8, 100)
	predict := task.Predict
	task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
		if ex.Index%4 == 1 {
			return program.Prediction{}, errors.New("hung up")
		}
		return predict(ctx, p, ex)
	}
	s := optimize.Defaults()
	s.Prune = false
	res := compile(t, task, s)
	for _, c := range res.Candidates {
		if *c.Score != 100 || c.N != 6 || c.Errors != 2 || c.Scores[1] != nil || c.Scores[0] == nil {
			t.Errorf("candidate %d: expected 100 %% of 6 with 2 missing, found %v of %d with %d", c.Candidate, *c.Score, c.N, c.Errors)
		}
	}
	if !contains(res.Warnings, "candidate -3: 2 of 8 dev examples have no answer", "hung up") {
		t.Errorf("no warning: %q", res.Warnings)
	}
}

// A candidate that answered little does not win by luck.
func TestFewAnswersDoNotWin(t *testing.T) {
	task, _ := newTask(6, 8, 100)
	task.Predict = func(_ context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
		if len(p.Predictors[1].Demos) > 0 && ex.Index > 100 {
			return program.Prediction{}, errors.New("too long")
		}
		return program.Prediction{}, nil
	}
	judge := task.Judge
	task.Judge = func(ctx context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
		if s, err := judge(ctx, ex, p); p.Query != "" {
			return s, err // while teaching
		}
		return optimize.Score{Success: ex.Index == 100}, nil
	}
	for _, prune := range []bool{false, true} {
		s := optimize.Defaults()
		s.Prune, s.MaxErrors = prune, 1000
		if res := compile(t, task, s); res.Best.Candidate != -3 {
			t.Errorf("prune %t: expected the baseline (1 of 8), found %d (%v of %d)", prune, res.Best.Candidate, *res.Best.Score, res.Best.N)
		}
	}
}

func TestStopsWithTheBestSoFar(t *testing.T) {
	for name, c := range map[string]struct {
		is   error
		stop func(cancel func()) error // at the 13th evaluation
	}{
		"budget": {errSpent, func(func()) error { return fmt.Errorf("task: %w", errSpent) }},
		"cancel": {context.Canceled, func(cancel func()) error { cancel(); return context.Canceled }},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		task, _ := newTask(10, 6, 50)
		predict, n := task.Predict, 0
		task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
			if n++; n >= 13 {
				return program.Prediction{}, c.stop(cancel)
			}
			return predict(ctx, p, ex)
		}
		s := optimize.Defaults()
		s.Concurrency, s.Prune = 1, false
		res, err := optimize.Compile(ctx, task, s)
		cancel()
		if !errors.Is(err, c.is) || !res.Partial || n != 13 {
			t.Errorf("%s: expected a partial result after 13 runs, found %v, %t, %d", name, err, res.Partial, n)
		}
		if res.Best.Program == nil || res.Best.Score == nil || res.Baseline.Score == nil || len(res.Candidates) != 8 || res.Candidates[7].Score != nil || res.Candidates[7].Errors != 0 {
			t.Errorf("%s: expected the best so far and unscored rest, found %+v", name, res)
		}
	}
}

func TestGivesUpWhenNothingAnswers(t *testing.T) {
	down := errors.New("endpoint down")
	task, _ := newTask(40, 40, 50)
	var runs atomic.Int64
	task.Predict = func(context.Context, *program.Program, optimize.Example) (program.Prediction, error) {
		runs.Add(1)
		return program.Prediction{}, down
	}
	s := optimize.Settings{Name: "labeled-few-shot", MaxLabeledDemos: 4, Concurrency: 3, MaxErrors: 7}
	res, err := optimize.Compile(context.Background(), task, s)
	if !errors.Is(err, down) || !res.Partial || res.Best.Program != nil || runs.Load() > 7+3 {
		t.Errorf("expected to stop after about 7 failures, found %v after %d runs", err, runs.Load())
	}
	task.Dev = task.Dev[:3] // fewer than it takes to give up
	if res, err := optimize.Compile(context.Background(), task, s); !errors.Is(err, down) || !res.Partial || !strings.Contains(err.Error(), "none of 6 runs") {
		t.Errorf("expected an error when nothing is answered, found %v", err)
	}
}

// What is in work when the budget ends may be paid for: it is not cancelled.
func TestBudgetLetsRunsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		task, _ := newTask(6, 4, 50)
		predict := task.Predict
		var finished atomic.Int64
		task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
			if ex.Index == 103 {
				return program.Prediction{}, errSpent
			}
			time.Sleep(time.Second)
			if ctx.Err() == nil {
				finished.Add(1)
			}
			return predict(ctx, p, ex)
		}
		s := optimize.Settings{Name: "labeled-few-shot", MaxLabeledDemos: 3, Concurrency: 4}
		res, err := optimize.Compile(context.Background(), task, s)
		if !errors.Is(err, errSpent) || !res.Partial || finished.Load() != 3 || res.Candidates[0].N != 3 {
			t.Errorf("expected the 3 runs in work to finish and count, found %d, %d, %v", finished.Load(), res.Candidates[0].N, err)
		}
	})
}

func TestFailedTeachingsAreTold(t *testing.T) {
	task, _ := newTask(4, 3, 100)
	task.Teach = func(context.Context, *program.Program, optimize.Example, int) (program.Prediction, error) {
		return program.Prediction{}, errors.New("too long")
	}
	s := optimize.Settings{Name: "bootstrap-few-shot", MaxBootstrappedDemos: 2, MaxLabeledDemos: 3}
	res := compile(t, task, s)
	if !contains(res.Warnings, "only 0 of 2", "4 runs of the teacher had no answer") || len(res.Best.Program.Predictors[1].Demos) != 3 {
		t.Errorf("found %q", res.Warnings)
	}
}

func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		task, asked := newTask(30, 30, 50)
		var now, peak int
		var mu sync.Mutex
		enter := func(d int) {
			mu.Lock()
			defer mu.Unlock()
			now += d
			peak = max(peak, now)
		}
		slow := func(f func(context.Context, *program.Program, optimize.Example) (program.Prediction, error)) func(context.Context, *program.Program, optimize.Example) (program.Prediction, error) {
			return func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
				enter(1)
				defer enter(-1)
				time.Sleep(time.Second)
				return f(ctx, p, ex)
			}
		}
		task.Predict = slow(task.Predict)
		teach := task.Teach
		task.Teach = func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
			return slow(func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
				return teach(ctx, p, ex, round)
			})(ctx, p, ex)
		}
		s := optimize.Defaults()
		s.Concurrency, s.Prune = 24, false
		start := time.Now()
		compile(t, task, s)
		runs := float64(asked.teach.Load() + asked.evaluate.Load())
		if took := time.Since(start).Seconds(); peak > 24 || took > 1.15*runs/24+1 {
			t.Errorf("expected %v runs, 24 at once, in about %.1f s; found %d at once, %.1f s", runs, runs/24, peak, took)
		}
	})
}

func TestProgress(t *testing.T) {
	for _, prune := range []bool{false, true} {
		task, _ := newTask(12, 6, 50)
		var seen []optimize.Progress
		task.Progress = func(p optimize.Progress) { seen = append(seen, p) }
		s := optimize.Defaults()
		s.Prune = prune
		res := compile(t, task, s)
		scores := map[int]float64{}
		for i, p := range seen {
			if p.Done > p.Total || i > 0 && p.Done <= seen[i-1].Done || p.Stage != "bootstrap" && p.Stage != "evaluate" {
				t.Errorf("progress %d: %+v after %+v", i, p, seen[max(0, i-1)])
			}
			if p.Score != nil && p.Of[0] == p.Of[1] {
				scores[p.Candidate] = *p.Score
			}
			if p.Best != nil && scores[p.Best.Candidate] != p.Best.Score {
				t.Errorf("progress %d: %+v leads, but was reported with %v", i, *p.Best, scores[p.Best.Candidate])
			}
		}
		if seen[0].Done != 0 || seen[0].Total < 6 {
			t.Errorf("expected the work ahead before it begins, found %+v", seen[0])
		}
		if last := seen[len(seen)-1]; last.Done != last.Total {
			t.Errorf("prune %t: expected the last one to be complete, found %+v", prune, last)
		}
		for _, c := range res.Candidates {
			if got, ok := scores[c.Candidate]; ok != (c.Score != nil) || ok && got != *c.Score {
				t.Errorf("candidate %d: score %v was reported as %v", c.Candidate, c.Score, got)
			}
		}
	}
}

func TestWarnings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*optimize.Task, *optimize.Settings)
		want   []string // "" for none of this kind
	}{
		"labels":       {func(*optimize.Task, *optimize.Settings) {}, []string{"6 of 10 training examples cannot be shown to analyzer", "query_type, query_format"}},
		"no dev":       {func(t *optimize.Task, _ *optimize.Settings) { t.Dev = nil }, []string{"no dev examples"}},
		"train is dev": {func(t *optimize.Task, _ *optimize.Settings) { t.Dev = t.Train[:4] }, []string{"4 of 4 dev examples are training examples too"}},
		"start's demos": {func(t *optimize.Task, _ *optimize.Settings) {
			t.Student.Predictors[1].Demos = []program.Demo{t.Train[0].Demo}
		}, []string{"start's 1 demonstrations of generator"}},
		"none accepted": {func(t *optimize.Task, s *optimize.Settings) { *t, _ = newTask(4, 4, 0) }, []string{"candidate -1: only 0 of 2 demonstrations"}},
		"worse than the baseline": {func(t *optimize.Task, s *optimize.Settings) {
			s.Name = "labeled-few-shot"
			t.Judge = func(_ context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
				return optimize.Score{Success: baselineSays(ex) == p.Query}, nil
			}
		}, []string{"less than the baseline's 100.00"}},
	} {
		task, _ := newTask(10, 4, 50)
		s := optimize.Defaults()
		c.change(&task, &s)
		if res := compile(t, task, s); !contains(res.Warnings, c.want...) {
			t.Errorf("%s: expected %q in %q", name, c.want, res.Warnings)
		}
	}
	task, _ := newTask(10, 4, 50)
	for i := range task.Train {
		task.Train[i] = example(i, 3*i)
	}
	if res := compile(t, task, optimize.Defaults()); contains(res.Warnings, "cannot be shown") {
		t.Errorf("every example is labelled, but %q", res.Warnings)
	}
}

// baselineSays is what the program without demonstrations answers.
func baselineSays(ex optimize.Example) string {
	p, _ := program.New(program.Options{}).Run(context.Background(), program.Model{LM: echo{}}, inputs(ex), program.RunOptions{})
	return p.Query
}

func TestTeacherIsNotShownTheAnswer(t *testing.T) {
	task, _ := newTask(12, 3, 50)
	teach := task.Teach
	task.Teach = func(ctx context.Context, p *program.Program, ex optimize.Example, round int) (program.Prediction, error) {
		for _, pr := range p.Predictors {
			for _, d := range pr.Demos {
				if d.Equal(ex.Demo) {
					t.Errorf("%s shows example %d while it is taught", pr.Name, ex.Index)
				}
			}
			if len(pr.Demos) < 10 {
				t.Errorf("%s: expected the other examples as demonstrations, found %d", pr.Name, len(pr.Demos))
			}
		}
		return teach(ctx, p, ex, round)
	}
	before := task.Student.Hash()
	compile(t, task, optimize.Defaults())
	if task.Student.Hash() != before {
		t.Error("the student was changed")
	}
}

func TestNoBootstrappedDemos(t *testing.T) {
	task, asked := newTask(30, 5, 50)
	s := optimize.Defaults()
	s.MaxBootstrappedDemos, s.Prune = 0, false // a crash in DSPy
	res := compile(t, task, s)
	different := map[string]bool{}
	for _, c := range res.Candidates {
		different[c.Program.Hash()] = true
	}
	if asked.teach.Load() != 0 || len(different) != 8 {
		t.Errorf("expected 8 different programs and no teaching, found %d, %d", len(different), asked.teach.Load())
	}
}

func TestValidate(t *testing.T) {
	good := optimize.Defaults()
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for setting, change := range map[string]func(*optimize.Settings){
		"name":                   func(s *optimize.Settings) { s.Name = "mipro" },
		"max_bootstrapped_demos": func(s *optimize.Settings) { s.MaxBootstrappedDemos = -1 },
		"max_labeled_demos":      func(s *optimize.Settings) { s.MaxLabeledDemos = -1 },
		"num_candidate_programs": func(s *optimize.Settings) { s.NumCandidatePrograms = 1001 },
		"max_rounds":             func(s *optimize.Settings) { s.MaxRounds = -2 },
		"concurrency":            func(s *optimize.Settings) { s.Concurrency = -1 },
	} {
		s := good
		change(&s)
		var se *fault.ParamError
		task, _ := newTask(3, 3, 50)
		if _, err := optimize.Compile(context.Background(), task, s); !errors.As(err, &se) || se.Param != "optimizer."+setting || se.Found == "" {
			t.Errorf("%s: found %v", setting, err)
		}
	}
	task, _ := newTask(0, 3, 50)
	if _, err := optimize.Compile(context.Background(), task, good); err == nil || !strings.Contains(err.Error(), "training example") {
		t.Errorf("expected an error for an empty trainset, found %v", err)
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	task, _ := newTask(5, 5, 50)
	task.Judge = func(context.Context, optimize.Example, program.Prediction) (optimize.Score, error) { panic("host") }
	defer func() {
		if got := recover(); got != "host" {
			t.Errorf("expected the panic here, found %v", got)
		}
	}()
	compile(t, task, optimize.Defaults())
}

// contains: some warning holds all parts.
func contains(warnings []string, parts ...string) bool {
	for _, w := range warnings {
		n := 0
		for _, p := range parts {
			if strings.Contains(w, p) {
				n++
			}
		}
		if n == len(parts) {
			return true
		}
	}
	return false
}
