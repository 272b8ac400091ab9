// Package optimize finds a better program: a Program, examples and a metric in,
// the best of some candidates out.
//
// # Basics
//
// A [Task] holds the student, the examples and three functions that answer:
// Teach and Predict run a program on an example, Judge scores what came out.
// [Compile] runs the optimiser that [Settings] name; [Plan] says beforehand how
// much that asks. The package calls no model itself.
//
// Three optimisers are those of DSPy 3.4.1, candidate for candidate:
//
//	labeled-few-shot                   gold examples as demonstrations
//	bootstrap-few-shot                 runs of a teacher that the metric accepted, then gold examples
//	bootstrap-few-shot-random-search   both, and N bootstraps of shuffled examples; the best wins
//
// Two have the teacher write instructions, after GEPA (reflect.go, pareto.go):
//
//	reflective                         an instruction at a time, kept where it is better
//	reflective+bootstrap               then the random search with the best of them
//
// With the same examples in the same order, the same answers and the same metric,
// every candidate of DSPy's has the demonstrations that DSPy gives it, in DSPy's order, the
// same score, and the same one wins. Package pyrand draws Python's numbers for it.
// Candidates carry DSPy's numbers: -3 without demonstrations, -2 labelled, -1
// bootstrapped from the examples as they stand, 0 … N-1 from shuffled ones.
//
// # What differs from DSPy
//
// All candidates are in work at once. Bootstrapping asks ahead, but never an
// example that the strict order might not reach, and accepts in order (boot.go).
// A candidate that can no longer win is not asked any further (prune.go); the
// winner is the same with and without. A run that failed is a missing answer, not
// a zero: scores are over the examples answered, and a candidate that answered
// less than half of them wins only if all did so badly. max_bootstrapped_demos = 0
// works, and gives labelled candidates of shuffled examples.
//
// # Left out
//
// Splits, files, budgets, caches: the caller's. A compile that is interrupted and
// started again asks the same things, and so pays only for what the caller's
// cache does not hold.
package optimize
