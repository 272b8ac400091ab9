package api

import (
	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/optimize"
)

type CompileParams struct {
	Call
	Long
	Gold      string             `json:"gold,omitempty" shape:"path" doc:"path of the gold set; default files.gold"`
	Output    string             `json:"output,omitempty" shape:"path" doc:"path of the program to write; default files.program"`
	Program   ProgramRef         `json:"program,omitzero" doc:"the program to start from; absent: the unoptimised one"`
	Optimizer *OptimizerParams   `json:"optimizer,omitempty" doc:"the optimiser and its settings"`
	Split     *Split             `json:"split,omitempty" doc:"how the gold set is divided: {train, dev, test, seed} or a text such as 40/30/30; default 40/30/30 with seed 0"`
	Metric    *Metric            `json:"metric,omitempty" doc:"who scores: judge, host, or {judge, gates}, where a success must also pass those gates; default judge"`
	Threshold *float64           `json:"threshold,omitempty" doc:"score from which an answer is a success, 1 to 5; default 4"`
	Budget    *dispatcher.Budget `json:"budget,omitempty" doc:"limits of what the call may spend; absent: none"`
	DryRun    bool               `json:"dry_run,omitempty" doc:"only estimate what it would take; default false"`
}

type OptimizerParams struct {
	Name                 string `json:"name,omitempty" enum:"OptimizerName" doc:"labeled-few-shot, bootstrap-few-shot, bootstrap-few-shot-random-search (default), reflective or reflective+bootstrap"`
	MaxBootstrappedDemos *int   `json:"max_bootstrapped_demos,omitempty" doc:"demonstrations of runs that the metric accepted, at most; default 2"`
	MaxLabeledDemos      *int   `json:"max_labeled_demos,omitempty" doc:"demonstrations from gold entries, at most; default 16"`
	NumCandidatePrograms *int   `json:"num_candidate_programs,omitempty" doc:"candidates of the random search; default 5"`
	MaxRounds            *int   `json:"max_rounds,omitempty" doc:"how often a training example is tried while demonstrations are sought; default 1"`
	NumProposals         *int   `json:"num_proposals,omitempty" doc:"instructions that the teacher writes; default 12; reflective optimisers"`
	MinibatchSize        *int   `json:"minibatch_size,omitempty" doc:"training examples that each instruction is tried on first; default 3; reflective optimisers"`
	Seed                 *int64 `json:"seed,omitempty" doc:"seed of the reflective optimisers' draws; default 0"`
	Prune                *bool  `json:"prune,omitempty" doc:"stop asking for a candidate that cannot win any more; default true"`
	Concurrency          *int   `json:"concurrency,omitempty" doc:"examples in work at once, 1 to 1000; default: as many as calls may be in flight, and a few more"`
}

type CompileResult struct {
	ProgramUsed                      // the start
	Output      string               `json:"output" doc:"path of the program that was written"`
	Baseline    StartScore           `json:"baseline" doc:"the start on the dev part"`
	Best        BestScore            `json:"best" doc:"the best candidate on the dev part"`
	Candidates  []optimize.Candidate `json:"candidates" doc:"every candidate with its score and demonstrations"`
	Split       SplitCounts          `json:"split" doc:"entries in each part"`
	Usage       Usage                `json:"usage" doc:"what the compile took"`
	ElapsedS    float64              `json:"elapsed_s" doc:"seconds that the compile took"`
	Warnings    []string             `json:"warnings,omitempty" doc:"what should be known before the program is used"`
}

// StartScore is how the start did.
type StartScore struct {
	Score *float64 `json:"score" doc:"percent of successes on the dev part; null: nothing was scored"`
}

// BestScore is which candidate did best, and how.
type BestScore struct {
	Candidate int      `json:"candidate" doc:"number of the candidate, as in candidates"`
	Score     *float64 `json:"score" doc:"percent of successes on the dev part; null: nothing was scored"`
}

type SplitCounts struct {
	Train int `json:"train" doc:"entries that the program may learn from"`
	Dev   int `json:"dev" doc:"entries by which candidates are compared"`
	Test  int `json:"test" doc:"entries that are kept back for evaluate"`
}

// DryRunResult answers compile and generate-all with dry_run. Ranges are
// [at least, at most]; nil where it cannot be told.
type DryRunResult struct {
	Calls   CallRange   `json:"calls" doc:"model calls"`
	Tokens  *[2]int     `json:"tokens" doc:"tokens, [at least, at most]; null: not known"`
	USD     *[2]float64 `json:"usd" doc:"US dollars, [at least, at most]; null: a price is not configured"`
	Minutes *[2]float64 `json:"minutes" doc:"minutes, [at least, at most]; null: an endpoint has no rate limit"`
}

type CallRange struct {
	AtLeast int `json:"at_least" doc:"calls that are made for certain"`
	AtMost  int `json:"at_most" doc:"calls that are made at the most"`
}
