package api

import (
	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/optimize"
)

type CompileParams struct {
	Call
	Long
	Gold      string             `json:"gold,omitempty"`
	Output    string             `json:"output,omitempty"`
	Program   ProgramRef         `json:"program,omitzero" doc:"the start; absent: the unoptimised program"`
	Optimizer *OptimizerParams   `json:"optimizer,omitempty"`
	Split     *Split             `json:"split,omitempty"`
	Metric    *Metric            `json:"metric,omitempty"`
	Threshold *float64           `json:"threshold,omitempty" doc:"default 4"`
	Budget    *dispatcher.Budget `json:"budget,omitempty"`
	DryRun    bool               `json:"dry_run,omitempty"`
}

type OptimizerParams struct {
	Name                 string `json:"name,omitempty"`
	MaxBootstrappedDemos *int   `json:"max_bootstrapped_demos,omitempty"`
	MaxLabeledDemos      *int   `json:"max_labeled_demos,omitempty"`
	NumCandidatePrograms *int   `json:"num_candidate_programs,omitempty"`
	MaxRounds            *int   `json:"max_rounds,omitempty"`
	NumProposals         *int   `json:"num_proposals,omitempty" doc:"instructions that the teacher writes; default 12; reflective optimisers"`
	MinibatchSize        *int   `json:"minibatch_size,omitempty" doc:"training examples that each is tried on first; default 3"`
	Seed                 *int64 `json:"seed,omitempty" doc:"of the reflective optimisers' draws; default 0"`
	Prune                *bool  `json:"prune,omitempty"`
	Concurrency          *int   `json:"concurrency,omitempty"`
}

type CompileResult struct {
	ProgramUsed        // the start
	Output      string `json:"output"`
	Baseline    struct {
		Score *float64 `json:"score"`
	} `json:"baseline"`
	Best struct {
		Candidate int      `json:"candidate"`
		Score     *float64 `json:"score"`
	} `json:"best"`
	Candidates []optimize.Candidate `json:"candidates"`
	Split      SplitCounts          `json:"split"`
	Usage      Usage                `json:"usage"`
	ElapsedS   float64              `json:"elapsed_s"`
	Warnings   []string             `json:"warnings,omitempty"`
}

type SplitCounts struct {
	Train int `json:"train"`
	Dev   int `json:"dev"`
	Test  int `json:"test"`
}

// DryRunResult answers compile and generate-all with dry_run. Ranges are
// [at least, at most]; nil where it cannot be told.
type DryRunResult struct {
	Calls   CallRange   `json:"calls"`
	Tokens  *[2]int     `json:"tokens"`
	USD     *[2]float64 `json:"usd"`
	Minutes *[2]float64 `json:"minutes"`
}

type CallRange struct {
	AtLeast int `json:"at_least"`
	AtMost  int `json:"at_most"`
}
