package optimize_test

import (
	"context"
	"encoding/json"
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
)

// wordTask is a world of words: an example succeeds when the program's instructions
// are as wants says, and the teacher adds the words that teach gives it for them as
// they are.
func wordTask(train, dev int, wants func(ex optimize.Example, instruction string) bool, teach func(r optimize.Reflection, instruction string) string) optimize.Task {
	task, _ := newTask(train, dev, 0)
	task.Predict = func(_ context.Context, p *program.Program, _ optimize.Example) (program.Prediction, error) {
		return program.Prediction{Query: instructions(p)}, nil
	}
	task.Judge = func(_ context.Context, ex optimize.Example, p program.Prediction) (optimize.Score, error) {
		if wants(ex, p.Query) {
			return optimize.Score{Value: 5, Success: true}, nil
		}
		return optimize.Score{Value: 1, Reason: "no"}, nil
	}
	task.Top = 5
	task.Reflect = func(_ context.Context, r optimize.Reflection) (string, error) {
		return r.Program.Predictor(r.Predictor).Signature.Instructions + " " + teach(r, instructions(r.Program)), nil
	}
	return task
}

func instructions(p *program.Program) string {
	return p.Predictor("analyzer").Signature.Instructions + "\n" + p.Predictor("generator").Signature.Instructions
}

func reflectiveSettings(proposals int) optimize.Settings {
	s := optimize.Defaults()
	s.Name, s.NumProposals = "reflective", proposals
	return s
}

// The better one of two programs is a dead end; the other one, best on fewer
// examples, is not. A search that goes on from the best alone does not get far.
func TestParentsAreNotTheBestAlone(t *testing.T) {
	few := func(ex optimize.Example) bool { return ex.Index%5 < 2 }
	task := wordTask(20, 20,
		func(ex optimize.Example, text string) bool {
			return strings.Contains(text, "everything") || few(ex) && strings.Contains(text, "few") || !few(ex) && strings.Contains(text, "many")
		},
		func(r optimize.Reflection, text string) string {
			switch {
			case strings.Contains(text, "many"):
				return fmt.Sprint("again", r.Draw)
			case strings.Contains(text, "few"):
				return "everything"
			case r.Predictor == "analyzer":
				return "few"
			}
			return "many"
		})
	res := compile(t, task, reflectiveSettings(12))
	if text := instructions(res.Best.Program); *res.Best.Score != 100 || !strings.Contains(text, "few") {
		t.Errorf("%v with %q", *res.Best.Score, text)
	}
}

// A program that is best nowhere but where another one is too is no parent.
func TestParentsAreNotDominated(t *testing.T) {
	task := wordTask(12, 12,
		func(ex optimize.Example, text string) bool { return ex.Index%12 < 3*strings.Count(text, "more") },
		func(r optimize.Reflection, _ string) string { return fmt.Sprint("more", r.Draw) })
	res := compile(t, task, reflectiveSettings(40))
	if *res.Best.Score != 100 {
		t.Errorf("best %v", *res.Best.Score)
	}
	score, round := map[int]float64{-3: 0}, 0.0
	best := 0.0
	for _, c := range res.Candidates[1:] {
		if c.Proposal.Predictor == "analyzer" || c.Proposal.MergedWith != nil {
			best = round // what a round finds counts from the next on
		}
		if parent := c.Proposal.Parent; score[parent] < best {
			t.Errorf("candidate %d was made of %d, which scores %v, although another one does all that and %v", c.Candidate, parent, score[parent], best)
		}
		if c.Proposal.Accepted {
			score[c.Candidate] = *c.Score
			round = max(round, *c.Score)
		}
	}
}

// What one round finds for both predictors is put together at once, at the price of
// dev alone.
func TestWhatARoundFindsIsMerged(t *testing.T) {
	has := func(text, word string) int { return strings.Count(text, word) }
	task := wordTask(12, 10, nil, func(r optimize.Reflection, _ string) string { return r.Predictor + "'s own" })
	task.Judge = func(_ context.Context, _ optimize.Example, p program.Prediction) (optimize.Score, error) {
		value := 1 + 2*min(1, has(p.Query, "analyzer's own")) + 2*min(1, has(p.Query, "generator's own"))
		return optimize.Score{Value: float64(value), Success: value == 5}, nil
	}
	asked := 0
	var mu sync.Mutex
	reflect := task.Reflect
	task.Reflect = func(ctx context.Context, r optimize.Reflection) (string, error) {
		mu.Lock()
		asked++
		mu.Unlock()
		return reflect(ctx, r)
	}
	res := compile(t, task, reflectiveSettings(12))
	if len(res.Candidates) != 4 || *res.Best.Score != 100 || res.Best.Candidate != 2 || asked != 2 {
		t.Fatalf("%d candidates, the best is %d with %v; %d requests to the teacher", len(res.Candidates), res.Best.Candidate, *res.Best.Score, asked)
	}
	p := res.Candidates[3].Proposal
	if !p.Accepted || p.Parent != 0 || p.MergedWith == nil || *p.MergedWith != 1 || p.Predictor != "generator" || p.Before != nil {
		t.Errorf("%+v", p)
	}
	if none := compile(t, task, reflectiveSettings(2)); len(none.Candidates) != 3 {
		t.Errorf("%d candidates of two proposals", len(none.Candidates)-1)
	}
}

// outcomes are what does not depend on how much is asked at once.
func outcomes(t *testing.T, res optimize.Result) string {
	t.Helper()
	for i := range res.Candidates {
		res.Candidates[i].Demos = optimize.Demos[program.Demo]{}
	}
	raw, err := json.MarshalIndent(res.Candidates, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func wordy(ex optimize.Example, text string) bool {
	return number(text+ex.Values["chunk_text"])%100 < uint32(30+4*len(text)%40)
}

func TestReflectiveDependsOnNoOrderOfAnswers(t *testing.T) {
	want := ""
	for _, concurrency := range []int{1, 3, 17, 200} {
		synctest.Test(t, func(t *testing.T) {
			task := wordTask(30, 25, wordy, func(r optimize.Reflection, text string) string {
				return fmt.Sprint(number(text+r.Records[0].Example.Values["chunk_text"]) % 9)
			})
			predict := task.Predict
			task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
				time.Sleep(time.Duration(number(fmt.Sprint(ex.Index, concurrency))%1000) * time.Millisecond)
				return predict(ctx, p, ex)
			}
			s := reflectiveSettings(16)
			s.Concurrency = concurrency
			if got := outcomes(t, compile(t, task, s)); want == "" {
				want = got
			} else if got != want {
				t.Errorf("%d at once:\n%s\nfound before:\n%s", concurrency, got, want)
			}
		})
	}
}

// Giving a proposal up on dev spares runs, and accepts what would be accepted.
func TestGivingUpOnDevChangesNoDecision(t *testing.T) {
	spared := 0
	for seed := range int64(20) {
		results := map[bool]optimize.Result{}
		runs := map[bool]*atomic.Int64{true: {}, false: {}}
		for _, prune := range []bool{false, true} {
			task := wordTask(20, 25, wordy, func(r optimize.Reflection, text string) string {
				return fmt.Sprint(number(fmt.Sprint(text, seed, r.Records[0].Example.Index)) % 99)
			})
			predict := task.Predict
			task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
				runs[prune].Add(1)
				return predict(ctx, p, ex)
			}
			s := reflectiveSettings(10)
			s.Prune, s.Seed = prune, seed
			results[prune] = compile(t, task, s)
		}
		for i, c := range results[true].Candidates[1:] {
			whole := results[false].Candidates[i+1]
			if c.Proposal.Accepted != whole.Proposal.Accepted || c.Proposal.Instruction != whole.Proposal.Instruction || c.Pruned != (c.Score == nil) {
				t.Errorf("seed %d: %+v, without giving up %+v", seed, c.Proposal, whole.Proposal)
			}
		}
		if *results[true].Best.Score != *results[false].Best.Score {
			t.Errorf("seed %d: best %v, without giving up %v", seed, *results[true].Best.Score, *results[false].Best.Score)
		}
		spared += int(runs[false].Load() - runs[true].Load())
	}
	if spared <= 0 {
		t.Errorf("%d runs were spared", spared)
	}
}

func TestReflectiveStops(t *testing.T) {
	never := func(optimize.Example, string) bool { return false }
	teach := func(r optimize.Reflection, _ string) string { return fmt.Sprint(r.Draw) }
	t.Run("when nothing can be better", func(t *testing.T) {
		task := wordTask(9, 9, func(optimize.Example, string) bool { return true }, teach)
		if res := compile(t, task, reflectiveSettings(8)); len(res.Candidates) != 1 {
			t.Errorf("%d candidates", len(res.Candidates))
		}
	})
	t.Run("when nothing is to be learned", func(t *testing.T) {
		task := wordTask(9, 9, func(ex optimize.Example, _ string) bool { return ex.Index < 100 }, teach)
		task.Reflect = func(context.Context, optimize.Reflection) (string, error) {
			t.Error("the teacher was asked")
			return "", nil
		}
		for _, c := range compile(t, task, reflectiveSettings(2)).Candidates[1:] {
			if !strings.Contains(c.Proposal.Outcome, "succeeded on all 3 training examples") {
				t.Errorf("outcome %q", c.Proposal.Outcome)
			}
		}
	})
	t.Run("when the teacher gives up", func(t *testing.T) {
		task := wordTask(9, 9, never, teach)
		task.Reflect = func(context.Context, optimize.Reflection) (string, error) { return "", errors.New("no idea") }
		res := compile(t, task, reflectiveSettings(6))
		if len(res.Candidates) != 7 || !strings.Contains(res.Candidates[3].Proposal.Outcome, "no idea") || res.Candidates[3].Program != nil || !contains(res.Warnings, "6 of 6 proposals", "no idea") {
			t.Errorf("%+v, %q", res.Candidates[3].Proposal, res.Warnings)
		}
	})
	t.Run("at the budget", func(t *testing.T) {
		task := wordTask(9, 9, never, teach)
		var asked atomic.Int64
		predict := task.Predict
		task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
			if asked.Add(1) > 11 {
				return program.Prediction{}, errSpent
			}
			return predict(ctx, p, ex)
		}
		s := reflectiveSettings(6)
		s.Concurrency = 2
		res, err := optimize.Compile(context.Background(), task, s)
		if !errors.Is(err, errSpent) || !res.Partial || res.Best.Program == nil || asked.Load() > 13 {
			t.Errorf("%v, partial %v, %d runs", err, res.Partial, asked.Load())
		}
	})
	t.Run("at the budget, with nothing fully scored", func(t *testing.T) {
		task := wordTask(9, 9, never, teach)
		var asked atomic.Int64
		predict := task.Predict
		task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
			if asked.Add(1) > 5 {
				return program.Prediction{}, errSpent
			}
			return predict(ctx, p, ex)
		}
		res, err := optimize.Compile(context.Background(), task, reflectiveSettings(6))
		if !errors.Is(err, errSpent) || !res.Partial || res.Best.Program != nil {
			t.Errorf("%v, partial %v, best %+v", err, res.Partial, res.Best)
		}
		// The budget's refusal is not the example's failure.
		if c := res.Candidates[0]; c.N != 5 || c.Errors != 0 || c.Score != nil || len(res.Warnings) != 0 {
			t.Errorf("the baseline is %+v, warnings %q", c, res.Warnings)
		}
	})
	t.Run("at a cancel", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		task := wordTask(9, 9, never, teach)
		var once sync.Once
		task.Reflect = func(context.Context, optimize.Reflection) (string, error) {
			once.Do(cancel)
			return "x", nil
		}
		res, err := optimize.Compile(ctx, task, reflectiveSettings(6))
		if !errors.Is(err, context.Canceled) || !res.Partial || *res.Best.Score != 0 {
			t.Errorf("%v, %+v", err, res.Best)
		}
	})
	t.Run("when nothing answers", func(t *testing.T) {
		task := wordTask(9, 90, never, teach)
		task.Predict = func(context.Context, *program.Program, optimize.Example) (program.Prediction, error) {
			return program.Prediction{}, errors.New("down")
		}
		if _, err := optimize.Compile(context.Background(), task, reflectiveSettings(6)); err == nil || !strings.Contains(err.Error(), "32 runs in a row failed") {
			t.Errorf("%v", err)
		}
	})
	t.Run("with a panic in the caller's goroutine", func(t *testing.T) {
		task := wordTask(9, 9, never, teach)
		task.Reflect = func(context.Context, optimize.Reflection) (string, error) { panic("boom") }
		defer func() {
			if recover() != "boom" {
				t.Error("no panic")
			}
		}()
		optimize.Compile(context.Background(), task, reflectiveSettings(6))
	})
}

func TestReflectiveProgress(t *testing.T) {
	for _, name := range []string{"reflective", "reflective+bootstrap"} {
		task := wordTask(20, 10, wordy, func(r optimize.Reflection, _ string) string { return fmt.Sprint(r.Draw) })
		task.Teach = func(ctx context.Context, p *program.Program, ex optimize.Example, _ int) (program.Prediction, error) {
			return task.Predict(ctx, p, ex)
		}
		var seen []optimize.Progress
		task.Progress = func(p optimize.Progress) { seen = append(seen, p) }
		s := reflectiveSettings(8)
		s.Name = name
		compile(t, task, s)
		stages := map[string]bool{}
		for i, p := range seen {
			stages[p.Stage] = true
			if p.Done > p.Total || i > 0 && p.Done < seen[i-1].Done {
				t.Errorf("%s: progress %d: %+v after %+v", name, i, p, seen[max(0, i-1)])
			}
		}
		if last := seen[len(seen)-1]; last.Done != last.Total || !stages["reflect"] || !stages["evaluate"] {
			t.Errorf("%s: the last is %+v; stages %v", name, last, stages)
		}
	}
}

// An example that the candidate has no answer to speaks neither for nor against it.
func TestAMissingAnswerDecidesNothing(t *testing.T) {
	better := func(_ optimize.Example, text string) bool { return strings.Contains(text, "better") }
	task := wordTask(3, 6, func(ex optimize.Example, text string) bool { return ex.Index < 2 || better(ex, text) },
		func(optimize.Reflection, string) string { return "better" })
	predict := task.Predict
	task.Predict = func(ctx context.Context, p *program.Program, ex optimize.Example) (program.Prediction, error) {
		// The new program has no answer where the old one succeeded.
		if ex.Index < 2 && better(ex, instructions(p)) {
			return program.Prediction{}, errors.New("no answer")
		}
		return predict(ctx, p, ex)
	}
	res := compile(t, task, reflectiveSettings(1))
	p := res.Candidates[1].Proposal
	if !p.Accepted || *p.Before != (optimize.Batch{N: 3, Successes: 2, Mean: 11. / 3}) || *p.After != (optimize.Batch{N: 1, Successes: 1, Mean: 5}) {
		t.Errorf("%+v: %+v, then %+v", p, p.Before, p.After)
	}
}
