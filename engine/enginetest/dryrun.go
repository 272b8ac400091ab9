package enginetest

import (
	"testing"

	"qgen-sidecar/engine/api"
)

// Priced are the keys of an endpoint whose calls cost something and are limited.
const Priced = "rpm = 60000\nusd_per_mtok_in = 2\nusd_per_mtok_out = 8\n"

const busyMinutes = 5.0 / 60

// CheckPlanned holds what was paid to the ranges that were told before.
func CheckPlanned(t *testing.T, plan *api.DryRunResult, u api.Usage, minutes float64) {
	t.Helper()
	tokens := u.PromptTokens + u.CompletionTokens
	if u.Calls < plan.Calls.AtLeast || u.Calls > plan.Calls.AtMost || tokens < plan.Tokens[0] || tokens > plan.Tokens[1] {
		t.Errorf("%d calls, %d tokens; planned %+v, %v", u.Calls, tokens, plan.Calls, *plan.Tokens)
	}
	if u.USD == nil || plan.USD == nil || *u.USD < plan.USD[0] || *u.USD > plan.USD[1] {
		t.Errorf("$%v, planned %v", u.USD, plan.USD)
	}
	// A machine that is busy with something else may take a few seconds longer.
	if plan.Minutes == nil || minutes < plan.Minutes[0] || minutes > plan.Minutes[1]+busyMinutes {
		t.Errorf("%v minutes, planned %v", minutes, plan.Minutes)
	}
}
