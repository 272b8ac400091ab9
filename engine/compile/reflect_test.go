package compile_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/internal/llmtest"
)

// plantedSentence is the instruction that counts in llmtest's planted world.
const plantedSentence = "Say for which season the question is asked."

func plantedWorld(t *testing.T, gold int) *enginetest.World {
	t.Helper()
	w := enginetest.New(t, enginetest.Setup{NoStore: true, EndpointKeys: enginetest.Priced})
	w.LLM.Handle(llmtest.Planted)
	w.WriteGold(gold)
	return w
}

var halves = &api.Split{Train: 0.5, Dev: 0.5}

func optimizer(name string) *api.OptimizerParams { return &api.OptimizerParams{Name: name} }

func instruction(t *testing.T, w *enginetest.World, predictor string) string {
	t.Helper()
	p, err := program.Load(w.Path("optimized_pipeline.json"), program.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Predictor(predictor).Signature.Instructions
}

func TestReflectiveFindsWhatNoDemonstrationShows(t *testing.T) {
	demos := enginetest.Compile(t, plantedWorld(t, 60), api.CompileParams{Optimizer: optimizer("bootstrap-few-shot-random-search"), Split: halves})
	w := plantedWorld(t, 60)
	r := enginetest.Compile(t, w, api.CompileParams{Optimizer: optimizer("reflective"), Split: halves})
	if *r.Best.Score < *demos.Best.Score+20 {
		t.Errorf("reflective reaches %v, demonstrations %v", *r.Best.Score, *demos.Best.Score)
	}
	if got := instruction(t, w, "generator"); !strings.Contains(got, plantedSentence) || !strings.HasPrefix(got, "Given a chunk, persona") {
		t.Errorf("the generator's instruction is %q", got)
	}
	if got := instruction(t, w, "analyzer"); strings.Contains(got, plantedSentence) {
		t.Errorf("the analyzer's instruction is %q, where it does nothing", got)
	}
	if proposals := len(r.Candidates) - 1; proposals != 12 {
		t.Errorf("%d proposals, expected 12", proposals)
	}
	// Trying each on all of dev: two calls and a judgement a run, and the teacher's.
	if all := 3*30*len(r.Candidates) + 12; 100*r.Usage.Calls > 60*all {
		t.Errorf("%d calls, more than 60 %% of %d", r.Usage.Calls, all)
	}
}

func TestReflectiveTellsItsHistory(t *testing.T) {
	w := plantedWorld(t, 40)
	r := enginetest.Compile(t, w, api.CompileParams{Optimizer: optimizer("reflective"), Split: halves})
	if c := r.Candidates[0]; c.Candidate != -3 || c.Proposal != nil || c.Score == nil || *c.Score != *r.Baseline.Score {
		t.Errorf("the first candidate is %+v", c)
	}
	scored := map[int]float64{-3: *r.Baseline.Score}
	for i, c := range r.Candidates[1:] {
		p := c.Proposal
		if c.Candidate != i || p == nil || p.Outcome == "" || p.MergedWith == nil && (len(p.Entries) == 0 || p.Before == nil) {
			t.Errorf("candidate %+v", c)
			continue
		}
		parent, known := scored[p.Parent]
		if !known {
			t.Errorf("candidate %d was made of %d, which was not accepted before it", i, p.Parent)
		}
		if p.Accepted {
			if c.Score == nil || *c.Score < parent || p.After == nil {
				t.Errorf("candidate %d was accepted with %v, its parent has %v", i, c.Score, parent)
			}
			scored[i] = *c.Score
		}
		if c.Pruned && c.Score != nil {
			t.Errorf("candidate %d is pruned with a score", i)
		}
	}
	if len(scored) == 1 {
		t.Error("nothing was accepted")
	}
	if _, accepted := scored[r.Best.Candidate]; !accepted {
		t.Errorf("candidate %d won without being accepted", r.Best.Candidate)
	}
	var file struct {
		Candidates []optimize.Candidate
	}
	if err := json.Unmarshal([]byte(w.Read("optimized_pipeline.run.json")), &file); err != nil {
		t.Fatal(err)
	}
	for i, c := range file.Candidates {
		if !cmp.Equal(c.Proposal, r.Candidates[i].Proposal) {
			t.Errorf("the run file tells of candidate %d otherwise: %v", i, c.Proposal)
		}
	}
}

func TestReflectiveThenDemonstrations(t *testing.T) {
	alone := enginetest.Compile(t, plantedWorld(t, 60), api.CompileParams{Optimizer: optimizer("reflective"), Split: halves})
	w := plantedWorld(t, 60)
	r := enginetest.Compile(t, w, api.CompileParams{Optimizer: optimizer("reflective+bootstrap"), Split: halves})
	if *r.Best.Score < *alone.Best.Score {
		t.Errorf("with demonstrations %v, without %v", *r.Best.Score, *alone.Best.Score)
	}
	if len(r.Candidates) != 1+12+7 {
		t.Fatalf("%d candidates", len(r.Candidates))
	}
	for i, c := range r.Candidates {
		if c.Candidate != i-1 && i > 0 {
			t.Errorf("candidate %d at place %d", c.Candidate, i)
		}
	}
	if r.Best.Candidate < 12 {
		t.Fatalf("candidate %d won", r.Best.Candidate)
	}
	best := r.Candidates[1+r.Best.Candidate]
	if len(best.Demos.Generator) == 0 {
		t.Error("the winner has no demonstrations")
	}
	if got := instruction(t, w, "generator"); !strings.Contains(got, plantedSentence) {
		t.Errorf("the generator's instruction is %q", got)
	}
}

// Stopped anywhere, the same call goes the same way, and pays for the rest alone.
func TestReflectiveGoesOnWhereItStopped(t *testing.T) {
	for _, name := range []string{"reflective", "reflective+bootstrap"} {
		o := optimizer(name)
		o.Prune = new(name == "reflective") // pruning demonstrations depends on the order of answers
		p := api.CompileParams{Optimizer: o, Split: halves}
		whole := enginetest.Compile(t, plantedWorld(t, 24), p)
		for _, share := range []int{10, 40, 60, 90} {
			t.Run(fmt.Sprint(name, share), func(t *testing.T) {
				limit := whole.Usage.Calls * share / 100
				w := plantedWorld(t, 24)
				p := p
				p.Budget = &dispatcher.Budget{MaxCalls: limit}
				_, err := w.Compile(t.Context(), p)
				spent := enginetest.As[*api.BudgetError](t, err)
				if share >= 60 && spent.PartialOutput == "" {
					t.Error("the baseline is scored, but no program was saved")
				}
				p.Budget = nil
				r := enginetest.Compile(t, w, p)
				if r.Best.Candidate != whole.Best.Candidate || *r.Best.Score != *whole.Best.Score {
					t.Errorf("best %d with %v, undisturbed %d with %v", r.Best.Candidate, *r.Best.Score, whole.Best.Candidate, *whole.Best.Score)
				}
				most := whole.Usage.Calls
				if name != "reflective" { // examples tried ahead of their need, at most 4 % of the runs
					most += most * 4 / 100
				}
				if paid := spent.Usage.Calls + r.Usage.Calls; paid > most {
					t.Errorf("%d calls in all, undisturbed %d", paid, whole.Usage.Calls)
				}
			})
		}
	}
}

// What a gate of the metric refused is told like what the judge said.
func TestReflectiveLearnsFromGates(t *testing.T) {
	w := plantedWorld(t, 16)
	w.LLM.Handle(func(r llmtest.Request) string {
		if strings.Contains(r.Last(), "[[ ## query_type ## ]]\n") {
			return "[[ ## query ## ]]\nWhat does this passage say?\n\n[[ ## completed ## ]]"
		}
		return llmtest.Planted(r)
	})
	enginetest.Compile(t, w, api.CompileParams{Optimizer: &api.OptimizerParams{Name: "reflective", NumProposals: new(2)}, Split: halves,
		Metric: &api.Metric{Name: "judge", Gates: []string{"standalone"}}})
	told := 0
	for _, r := range w.LLM.Chats() {
		if strings.Contains(r.Last(), "current_instruction") && strings.Contains(r.Last(), "[gate standalone: ") && strings.Contains(r.Last(), "not good enough") {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d of 2 requests to the teacher tell of the gate", told)
	}
}

func TestReflectiveOutlivesBadProposals(t *testing.T) {
	for name, bad := range map[string]struct {
		reply   string
		outcome string
	}{
		"too long": {strings.Repeat("Be clear. ", 400), "at most 3000 characters"},
		"markers":  {"Write [[ ## score ## ]] 5.", "without the layout's markers"},
		"the same": {"", "the same program as candidate -3"},
	} {
		t.Run(name, func(t *testing.T) {
			w := plantedWorld(t, 16)
			w.LLM.Handle(func(r llmtest.Request) string {
				if current := between(r.Last(), "[[ ## current_instruction ## ]]\n", "\n\n"); current != "" {
					text := bad.reply
					if text == "" {
						text = current
					}
					return "[[ ## new_instruction ## ]]\n" + text + "\n\n[[ ## completed ## ]]"
				}
				return llmtest.Planted(r)
			})
			r := enginetest.Compile(t, w, api.CompileParams{Optimizer: &api.OptimizerParams{Name: "reflective", NumProposals: new(4)}, Split: halves})
			if r.Best.Candidate != -3 {
				t.Errorf("candidate %d won", r.Best.Candidate)
			}
			for _, c := range r.Candidates[1:] {
				if !strings.Contains(c.Proposal.Outcome, bad.outcome) || c.Proposal.Accepted {
					t.Errorf("outcome %q, expected %q", c.Proposal.Outcome, bad.outcome)
				}
			}
		})
	}
}

func between(text, from, to string) string {
	_, rest, found := strings.Cut(text, from)
	if !found {
		return ""
	}
	out, _, _ := strings.Cut(rest, to)
	return out
}
