// Package optimize finds a better program: a Program, examples and a metric in,
// the best of some candidates out.
//
// # Basics
//
// A [Task] holds the student, the examples and functions that answer: Teach and
// Predict run a program on an example, Judge scores what came out, Reflect writes an
// instruction. [Compile] runs the optimiser that [Settings] name; [Plan] says
// beforehand how much that asks. The package calls no model itself.
//
//	labeled-few-shot                   gold examples as demonstrations
//	bootstrap-few-shot                 runs of a teacher that the metric accepted, then gold examples
//	bootstrap-few-shot-random-search   both, and N bootstraps of shuffled examples; the best wins
//	reflective                         an instruction at a time, after GEPA, kept where it is better
//	reflective+bootstrap               then the random search with the best of them
//
// One machine asks for all of them, package schedule: it alone knows how much is in
// work and when a compile ends. An optimiser is a strategy for it: the first three are
// search*.go (with boot.go, draft.go, draw.go, prune.go), the fourth is reflect*.go (with
// propose.go, pareto.go), and reflectboot.go joins both. They share trial.go (a candidate
// and its scores), merit.go (which of two is better) and ask.go.
//
// # Another optimiser
//
// is one file beside these, a name in settings.go and a line in the table of compile.go. The file
// holds a function that runs it and one that bounds what it asks (see planReflection).
// Most are told from beginning to end, as a script:
//
//	func runRewrite(c *compilation) (Result, error) {
//		best := trialOf(c.schedule.Need(), zeroShot, c.task.Student.Clone(), len(c.task.Dev))
//		script := schedule.NewScript(func(sc *schedule.Script) {
//			answers, ok := c.answers(sc, 0, best.program, c.task.Train, …) // asks, and waits
//			if !ok {
//				return // the compile ended
//			}
//			text, ok, err := c.written(sc, Reflection{Records: …})
//			…
//		})
//		defer script.End()
//		err := c.schedule.Run(script)
//		return Result{Best: best.candidate(), …}, err
//	}
//
// sc.Together runs several such parts at once. Draw before anything is asked, so that
// no result depends on which answer comes first; c.report says where it stands. If what
// is asked next depends on all that is in work, write a Next instead, as searchnext.go
// does; a Next leaves unasked what is not known where c.asking is false (see Recall).
//
// # Promises
//
// With the same examples in the same order, the same answers and the same metric,
// every candidate of the first three has the demonstrations that DSPy 3.4.1 gives it, in DSPy's
// order, the same score, and the same one wins. Package pyrand draws Python's
// numbers for it. Candidates carry DSPy's numbers: -3 without demonstrations, -2
// labelled, -1 bootstrapped from the examples as they stand, 0 … N-1 from shuffled ones.
//
// What differs from DSPy: all candidates are in work at once. Bootstrapping asks
// ahead, but never an example that the strict order might not reach, and accepts in
// order (boot.go). A candidate that can no longer win is not asked any further
// (prune.go); the winner is the same with and without. A run that failed is a missing
// answer, not a zero: scores are over the examples answered, and a candidate that
// answered less than half of them wins only if all did so badly.
// max_bootstrapped_demos = 0 works, and gives labelled candidates of shuffled examples.
//
// A compile that is interrupted and started again asks the same things, and so pays
// only for what the caller's cache does not hold.
//
// # Leaves out
//
// Splits, files, budgets, caches, the order of calls at an endpoint: the caller's.
package optimize
