package compile_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func dryRun(t *testing.T, w *enginetest.World, p api.CompileParams) *api.DryRunResult {
	t.Helper()
	p.DryRun = true
	before := w.LLM.Count()
	plan := enginetest.Must(w.Compile(t.Context(), p))(t).(*api.DryRunResult)
	if w.LLM.Count() != before {
		t.Errorf("dry_run sent %d requests", w.LLM.Count()-before)
	}
	return plan
}

func TestDryRunBoundsWhatIsPaid(t *testing.T) {
	optimizers := map[string]*api.OptimizerParams{
		"search":         {NumCandidatePrograms: new(3)},
		"rounds":         {MaxBootstrappedDemos: new(3), MaxRounds: new(2), NumCandidatePrograms: new(2)},
		"no labels":      {MaxLabeledDemos: new(0), NumCandidatePrograms: new(2)},
		"no bootstraps":  {MaxBootstrappedDemos: new(0), NumCandidatePrograms: new(2)},
		"labelled":       {Name: "labeled-few-shot"},
		"bootstrap":      {Name: "bootstrap-few-shot"},
		"reflective":     {Name: "reflective", NumProposals: new(4)},
		"and bootstrap":  {Name: "reflective+bootstrap", NumProposals: new(3), NumCandidatePrograms: new(2)},
		"nothing at all": {MaxBootstrappedDemos: new(0), MaxLabeledDemos: new(0)},
	}
	for name, o := range optimizers {
		for _, split := range []*api.Split{nil, {Train: 0.7, Dev: 0.3}, {Train: 1}} {
			for _, prune := range []bool{false, true} {
				t.Run(fmt.Sprint(name, split, prune), func(t *testing.T) {
					w := enginetest.New(t, enginetest.Setup{NoStore: true, EndpointKeys: enginetest.Priced})
					w.WriteGold(20)
					o.Prune = &prune
					p := api.CompileParams{Optimizer: o, Split: split}
					plan := dryRun(t, w, p)
					r := enginetest.Must(w.Compile(t.Context(), p))(t).(*api.CompileResult)
					enginetest.CheckPlanned(t, plan, r.Usage, r.ElapsedS/60)
				})
			}
		}
	}
}

// Where nothing is open but the words written, the range of calls is their
// repetition and what two prompts may share.
func TestDryRunIsNoWiderThanWhatIsOpen(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true, EndpointKeys: enginetest.Priced})
	w.WriteGold(20)
	p := api.CompileParams{Optimizer: &api.OptimizerParams{Name: "labeled-few-shot"}, Split: &api.Split{Train: 0.5, Dev: 0.5}}
	plan := dryRun(t, w, p)
	// 10 analyses that both programs share, 20 questions, and of these 10 to 20 judged
	if want := (api.CallRange{AtLeast: 40, AtMost: 13 + 25 + 25}); plan.Calls != want {
		t.Errorf("planned %+v, want %+v", plan.Calls, want)
	}
	r := enginetest.Must(w.Compile(t.Context(), p))(t).(*api.CompileResult)
	if spread := float64(plan.Tokens[1]) / float64(r.Usage.PromptTokens); spread > 30 {
		t.Errorf("at most %d tokens are %.0f times the %d that were read", plan.Tokens[1], spread, r.Usage.PromptTokens)
	}
}

func TestDryRunAllowsForFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true, EndpointKeys: enginetest.Priced})
	w.WriteGold(24)
	p := api.CompileParams{Optimizer: enginetest.SmallSearch}
	plan := dryRun(t, w, p)
	w.LLM.Fault(func(n int, _ llmtest.Request) *llmtest.Fault {
		if n%8 == 0 {
			return &llmtest.Fault{Kind: llmtest.EmptyContent}
		}
		return nil
	})
	r := enginetest.Must(w.Compile(t.Context(), p))(t).(*api.CompileResult)
	enginetest.CheckPlanned(t, plan, r.Usage, r.ElapsedS/60)
}

func TestDryRunCountsTheMetricsGate(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true, EndpointKeys: enginetest.Priced})
	w.WriteGold(24)
	p := api.CompileParams{Optimizer: enginetest.SmallSearch, Metric: &api.Metric{Name: "judge", Gates: []string{"answerable", "leak"}}}
	without := dryRun(t, w, api.CompileParams{Optimizer: enginetest.SmallSearch})
	plan := dryRun(t, w, p)
	if plan.Calls.AtLeast != without.Calls.AtLeast || plan.Calls.AtMost <= without.Calls.AtMost {
		t.Errorf("with the gate %+v, without %+v", plan.Calls, without.Calls)
	}
	r := enginetest.Must(w.Compile(t.Context(), p))(t).(*api.CompileResult)
	enginetest.CheckPlanned(t, plan, r.Usage, r.ElapsedS/60)
}

// A compile that was stopped has paid for some of it: the rest is less.
func TestDryRunTakesOffWhatIsKnown(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true, EndpointKeys: enginetest.Priced})
	w.WriteGold(24)
	p := api.CompileParams{Optimizer: enginetest.SmallSearch}
	whole := dryRun(t, w, p)
	// One run at a time, so that the forty calls are whole runs of the first candidates:
	// of runs that were cut short nothing is known.
	inOrder := *enginetest.SmallSearch
	inOrder.Concurrency = new(1)
	_, err := w.Compile(t.Context(), api.CompileParams{Optimizer: &inOrder, Budget: &dispatcher.Budget{MaxCalls: 40}})
	enginetest.As[*api.BudgetError](t, err)
	rest := dryRun(t, w, p)
	if rest.Calls.AtMost > whole.Calls.AtMost-30 || rest.Calls.AtMost == 0 {
		t.Errorf("after 40 calls at most %d, before %d", rest.Calls.AtMost, whole.Calls.AtMost)
	}
	r := enginetest.Must(w.Compile(t.Context(), p))(t).(*api.CompileResult)
	enginetest.CheckPlanned(t, rest, r.Usage, r.ElapsedS/60)
	if done := dryRun(t, w, p); done.Calls.AtLeast != 0 || math.Abs(done.USD[0]) > 0 {
		t.Errorf("after the whole compile at least %+v, $%v", done.Calls, *done.USD)
	}
}

func TestDryRunIsCancelled(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(8)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Compile(cancelled, api.CompileParams{DryRun: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
