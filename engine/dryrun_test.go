package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/llmtest"
)

// priced are the keys of an endpoint whose calls cost something and are limited.
const priced = "rpm = 60000\nusd_per_mtok_in = 2\nusd_per_mtok_out = 8\n"

func dryRun(t *testing.T, w *world, p api.CompileParams) *api.DryRunResult {
	t.Helper()
	p.DryRun = true
	before := w.llm.Count()
	plan := must(w.Compile(ctx, p))(t).(*api.DryRunResult)
	if w.llm.Count() != before {
		t.Errorf("dry_run sent %d requests", w.llm.Count()-before)
	}
	return plan
}

// checkPlanned holds what was paid to the ranges that were told before.
func checkPlanned(t *testing.T, plan *api.DryRunResult, u api.Usage, minutes float64) {
	t.Helper()
	tokens := u.PromptTokens + u.CompletionTokens
	if u.Calls < plan.Calls.AtLeast || u.Calls > plan.Calls.AtMost || tokens < plan.Tokens[0] || tokens > plan.Tokens[1] {
		t.Errorf("%d calls, %d tokens; planned %+v, %v", u.Calls, tokens, plan.Calls, *plan.Tokens)
	}
	if u.USD == nil || plan.USD == nil || *u.USD < plan.USD[0] || *u.USD > plan.USD[1] {
		t.Errorf("$%v, planned %v", u.USD, plan.USD)
	}
	if plan.Minutes == nil || minutes < plan.Minutes[0] || minutes > plan.Minutes[1] {
		t.Errorf("%v minutes, planned %v", minutes, plan.Minutes)
	}
}

func TestDryRunBoundsWhatIsPaid(t *testing.T) {
	optimizers := map[string]*api.OptimizerParams{
		"search":         {NumCandidatePrograms: ptr(3)},
		"rounds":         {MaxBootstrappedDemos: ptr(3), MaxRounds: ptr(2), NumCandidatePrograms: ptr(2)},
		"no labels":      {MaxLabeledDemos: ptr(0), NumCandidatePrograms: ptr(2)},
		"no bootstraps":  {MaxBootstrappedDemos: ptr(0), NumCandidatePrograms: ptr(2)},
		"labelled":       {Name: "labeled-few-shot"},
		"bootstrap":      {Name: "bootstrap-few-shot"},
		"reflective":     {Name: "reflective", NumProposals: ptr(4)},
		"and bootstrap":  {Name: "reflective+bootstrap", NumProposals: ptr(3), NumCandidatePrograms: ptr(2)},
		"nothing at all": {MaxBootstrappedDemos: ptr(0), MaxLabeledDemos: ptr(0)},
	}
	for name, o := range optimizers {
		for _, split := range []*api.Split{nil, {Train: 0.7, Dev: 0.3}, {Train: 1}} {
			for _, prune := range []bool{false, true} {
				t.Run(fmt.Sprint(name, split, prune), func(t *testing.T) {
					w := newWorld(t, setup{noStore: true, keys: priced})
					w.writeGold(20)
					o.Prune = &prune
					p := api.CompileParams{Optimizer: o, Split: split}
					plan := dryRun(t, w, p)
					r := must(w.Compile(ctx, p))(t).(*api.CompileResult)
					checkPlanned(t, plan, r.Usage, r.ElapsedS/60)
				})
			}
		}
	}
}

// Where nothing is open but the words written, the range of calls is their
// repetition and what two prompts may share.
func TestDryRunIsNoWiderThanWhatIsOpen(t *testing.T) {
	w := newWorld(t, setup{noStore: true, keys: priced})
	w.writeGold(20)
	p := api.CompileParams{Optimizer: &api.OptimizerParams{Name: "labeled-few-shot"}, Split: &api.Split{Train: 0.5, Dev: 0.5}}
	plan := dryRun(t, w, p)
	// 10 analyses that both programs share, 20 questions, and of these 10 to 20 judged
	if want := (api.CallRange{AtLeast: 40, AtMost: 13 + 25 + 25}); plan.Calls != want {
		t.Errorf("planned %+v, want %+v", plan.Calls, want)
	}
	r := must(w.Compile(ctx, p))(t).(*api.CompileResult)
	if spread := float64(plan.Tokens[1]) / float64(r.Usage.PromptTokens); spread > 30 {
		t.Errorf("at most %d tokens are %.0f times the %d that were read", plan.Tokens[1], spread, r.Usage.PromptTokens)
	}
}

func TestDryRunAllowsForFaults(t *testing.T) {
	w := newWorld(t, setup{noStore: true, keys: priced})
	w.writeGold(24)
	p := api.CompileParams{Optimizer: small}
	plan := dryRun(t, w, p)
	w.llm.Fault(func(n int, _ llmtest.Request) *llmtest.Fault {
		if n%8 == 0 {
			return &llmtest.Fault{Kind: llmtest.EmptyContent}
		}
		return nil
	})
	r := must(w.Compile(ctx, p))(t).(*api.CompileResult)
	checkPlanned(t, plan, r.Usage, r.ElapsedS/60)
}

func TestDryRunCountsTheMetricsGate(t *testing.T) {
	w := newWorld(t, setup{noStore: true, keys: priced})
	w.writeGold(24)
	p := api.CompileParams{Optimizer: small, Metric: &api.Metric{Name: "judge", Gates: []string{"answerable", "leak"}}}
	without := dryRun(t, w, api.CompileParams{Optimizer: small})
	plan := dryRun(t, w, p)
	if plan.Calls.AtLeast != without.Calls.AtLeast || plan.Calls.AtMost <= without.Calls.AtMost {
		t.Errorf("with the gate %+v, without %+v", plan.Calls, without.Calls)
	}
	r := must(w.Compile(ctx, p))(t).(*api.CompileResult)
	checkPlanned(t, plan, r.Usage, r.ElapsedS/60)
}

// A compile that was stopped has paid for some of it: the rest is less.
func TestDryRunTakesOffWhatIsKnown(t *testing.T) {
	w := newWorld(t, setup{noStore: true, keys: priced})
	w.writeGold(24)
	p := api.CompileParams{Optimizer: small}
	whole := dryRun(t, w, p)
	_, err := w.Compile(ctx, api.CompileParams{Optimizer: small, Budget: &dispatcher.Budget{MaxCalls: 40}})
	as[*api.BudgetError](t, err)
	rest := dryRun(t, w, p)
	if rest.Calls.AtMost > whole.Calls.AtMost-30 || rest.Calls.AtMost == 0 {
		t.Errorf("after 40 calls at most %d, before %d", rest.Calls.AtMost, whole.Calls.AtMost)
	}
	r := must(w.Compile(ctx, p))(t).(*api.CompileResult)
	checkPlanned(t, rest, r.Usage, r.ElapsedS/60)
	if done := dryRun(t, w, p); done.Calls.AtLeast != 0 || math.Abs(done.USD[0]) > 0 {
		t.Errorf("after the whole compile at least %+v, $%v", done.Calls, *done.USD)
	}
}

func TestDryRunIsCancelled(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	w.writeGold(8)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := w.Compile(cancelled, api.CompileParams{DryRun: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
