package optimize

// optimisers are what Settings.Name may say: how each runs, and how much that asks.
var optimisers = map[string]struct {
	run  func(*compilation) (Result, error)
	plan func(planning) Estimate
}{
	labeledFewShot:   {runSearch, planSearch},
	bootstrapFewShot: {runSearch, planSearch},
	randomSearch:     {runSearch, planSearch},
	reflective:       {runReflection, planReflection},
	reflectiveDemos:  {runReflectionThenSearch, planReflectionThenSearch},
}
