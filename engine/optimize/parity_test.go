package optimize_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
)

// golden is one compile as DSPy 3.4.1 did it.
type golden struct {
	optimize.Settings
	Train, Dev, Percent int
	Asked               struct{ Teach, Evaluate int }
	Best                int
	Candidates          []struct {
		Candidate int
		Score     float64
		Demos     map[string]json.RawMessage
	}
}

func (g golden) String() string {
	return fmt.Sprintf("%s %d/%d/%d, %d rounds, %d+%d examples, %d%%", g.Name, g.MaxBootstrappedDemos, g.MaxLabeledDemos, g.NumCandidatePrograms, g.MaxRounds, g.Train, g.Dev, g.Percent)
}

func readGolden(t *testing.T, path string) []golden {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []golden
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameAsDSPy(t *testing.T) {
	for _, g := range readGolden(t, filepath.Join("testdata", "parity.json")) {
		for _, concurrency := range []int{1, 64} {
			t.Run(fmt.Sprintf("%v, %d at once", g, concurrency), func(t *testing.T) { checkParity(t, g, concurrency) })
		}
	}
}

func checkParity(t *testing.T, g golden, concurrency int) {
	task, asked := newTask(g.Train, g.Dev, g.Percent)
	s := g.Settings
	s.Concurrency, s.Prune = concurrency, false
	res, err := optimize.Compile(context.Background(), task, s)
	if err != nil || len(res.Candidates) != len(g.Candidates) {
		t.Fatalf("expected %d candidates, found %d, %v", len(g.Candidates), len(res.Candidates), err)
	}
	for i, want := range g.Candidates {
		got := res.Candidates[i]
		if got.Candidate != want.Candidate || got.Score == nil || *got.Score != want.Score || got.N != g.Dev {
			t.Errorf("candidate %d: expected score %v, found %d %v", want.Candidate, want.Score, got.Candidate, got.Score)
		}
		for name, demos := range want.Demos {
			if diff := cmp.Diff(plain(t, demos), plain(t, got.Program.Predictor(name).Demos)); diff != "" {
				t.Errorf("candidate %d, %s: %s", want.Candidate, name, diff)
			}
		}
		checkRefs(t, task, got)
	}
	if res.Best.Candidate != g.Best || res.Partial || res.Baseline.Candidate != -3 {
		t.Errorf("expected %d to win, found %d", g.Best, res.Best.Candidate)
	}
	// What is tried ahead is a twentieth of the evaluation at most.
	ahead := int(asked.teach.Load()) - g.Asked.Teach
	if ahead < 0 || ahead > g.Asked.Evaluate/20 || concurrency == 1 && ahead > 0 || int(asked.evaluate.Load()) != g.Asked.Evaluate {
		t.Errorf("expected %+v runs, found %d and %d", g.Asked, asked.teach.Load(), asked.evaluate.Load())
	}
	// With pruning the winner is the same, for no more runs.
	pruning, less := newTask(g.Train, g.Dev, g.Percent)
	s.Prune = true
	pruned, err := optimize.Compile(context.Background(), pruning, s)
	if err != nil || pruned.Best.Candidate != g.Best || *pruned.Best.Score != *res.Best.Score || *pruned.Baseline.Score != g.Candidates[0].Score {
		t.Errorf("pruning: expected %d to win, found %d, %v", g.Best, pruned.Best.Candidate, err)
	}
	if less.evaluate.Load() > asked.evaluate.Load() {
		t.Errorf("pruning asked %d runs, more than %d", less.judge.Load(), asked.judge.Load())
	}
	checkPlan(t, pruning, g, s, less)
}

func checkPlan(t *testing.T, task optimize.Task, g golden, s optimize.Settings, asked *counts) {
	within := func(n int, r optimize.Range) bool { return r.Least <= n && n <= r.Most }
	e := optimize.Plan(task, s)
	if !within(int(asked.evaluate.Load()), e.Runs) || !within(int(asked.teach.Load()), e.Teachings) {
		t.Errorf("%d runs and %d teachings are outside the plan %+v", asked.evaluate.Load(), asked.teach.Load(), e)
	}
	s.Prune = false
	exact := optimize.Range{Least: g.Asked.Evaluate, Most: g.Asked.Evaluate}
	if e = optimize.Plan(task, s); e.Runs != exact || !within(g.Asked.Teach, e.Teachings) {
		t.Errorf("without pruning: expected %+v, planned %+v", g.Asked, e)
	}
}

// checkRefs: the indices name the demonstrations' gold entries.
func checkRefs(t *testing.T, task optimize.Task, c optimize.Candidate) {
	for name, refs := range map[string][]int{"analyzer": c.Entries.Analyzer, "generator": c.Entries.Generator} {
		demos := c.Program.Predictor(name).Demos
		if refs == nil || len(refs) != len(demos) {
			t.Errorf("candidate %d, %s: expected %d indices, found %v", c.Candidate, name, len(demos), refs)
			continue
		}
		for i, ref := range refs {
			if text, _ := demos[i].Text("chunk_text"); text != task.Train[ref].Values["chunk_text"] {
				t.Errorf("candidate %d, %s: demonstration %d shows %q, index %d is another entry", c.Candidate, name, i, text, ref)
			}
		}
	}
}

func plain(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if list, ok := v.([]program.Demo); ok && list == nil {
		data = []byte("[]")
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGoldenIsDSPys makes the golden file anew with real DSPy.
func TestGoldenIsDSPys(t *testing.T) {
	python := os.Getenv("QGEN_TEST_PYTHON")
	if python == "" {
		t.Skip("QGEN_TEST_PYTHON is not set: no Python with dspy to make the golden file anew")
	}
	fresh := filepath.Join(t.TempDir(), "parity.json")
	cmd := exec.Command(python, filepath.Join("testdata", "parity.py"), fresh)
	cmd.Env = append(os.Environ(), "DSPY_CACHEDIR="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(readGolden(t, filepath.Join("testdata", "parity.json")), readGolden(t, fresh)); diff != "" {
		t.Error(diff)
	}
}
