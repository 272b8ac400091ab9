package optimize

import (
	"context"
	"errors"
)

// Defaults are the contract's: random search, 2, 16, 5, one round, prune.
func Defaults() Settings {
	return Settings{Name: "bootstrap-few-shot-random-search", MaxBootstrappedDemos: 2, MaxLabeledDemos: 16, NumCandidatePrograms: 5, MaxRounds: 1, Prune: true}
}

// Validate names the setting that is wrong and what was expected.
func (s Settings) Validate() error { return nil }

// Compile runs the optimiser that s names. On an error after some candidate
// was fully scored (budget, cancel), Result holds the best so far, Partial.
func Compile(ctx context.Context, t Task, s Settings) (Result, error) {
	return Result{}, errors.New("optimize: not built yet")
}

// Plan bounds the work of Compile without asking anything.
func Plan(train, dev int, s Settings) Estimate { return Estimate{} }
