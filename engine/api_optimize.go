package engine

import (
	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/verdict"
)

// Parameters and results of compile, evaluate and compare.

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

type EvaluateParams struct {
	Call
	Long
	Gold      string             `json:"gold,omitempty"`
	Program   ProgramRef         `json:"program,omitzero"`
	Baseline  ProgramRef         `json:"baseline,omitzero" doc:"a program, null, or a .jsonl of {chunk_text, query}; absent: the unoptimised program"`
	Split     string             `json:"split,omitempty" doc:"test (default), dev, train or all"`
	Metric    *Metric            `json:"metric,omitempty"`
	Threshold *float64           `json:"threshold,omitempty"`
	Examples  *int               `json:"examples,omitempty" doc:"default 5"`
	Repeats   *int               `json:"repeats,omitempty" doc:"judge each answer this often; default 1"`
	Report    string             `json:"report,omitempty"`
	Budget    *dispatcher.Budget `json:"budget,omitempty"`
}

type EvaluateResult struct {
	ProgramUsed
	N          int                `json:"n"`
	Split      string             `json:"split"`
	Baseline   verdict.Summary    `json:"baseline"`
	Optimized  verdict.Summary    `json:"optimized"`
	Difference verdict.Difference `json:"difference"`
	Wins       int                `json:"wins"`
	Ties       int                `json:"ties"`
	Losses     int                `json:"losses"`
	Judge      JudgeInfo          `json:"judge"`
	// GoldOverlap is how like the gold questions the written ones are.
	GoldOverlap GoldOverlap       `json:"gold_overlap"`
	Warnings    []string          `json:"warnings"`
	Examples    []EvaluateExample `json:"examples"`
	Report      string            `json:"report,omitempty"`
	Usage       Usage             `json:"usage"`
}

// GoldOverlap is the mean similarity of questions to the gold questions of the
// same chunks, 0…1: the Jaccard similarity of their character 5-grams. Null
// where no question was written. A gain in score that comes with a gain here
// may be imitation.
type GoldOverlap struct {
	Baseline  *float64 `json:"baseline"`
	Optimized *float64 `json:"optimized"`
}

type JudgeInfo struct {
	Model     string          `json:"model"`
	Kappa     *float64        `json:"kappa,omitempty"`
	Flips     *float64        `json:"flip_rate,omitempty"`
	Warning   string          `json:"warning,omitempty"`
	Agreement *JudgeAgreement `json:"agreement,omitempty"` // with people, who scored outputs by annotate --judge
}

type EvaluateExample struct {
	ChunkText          string       `json:"chunk_text"`
	PersonaDescription string       `json:"persona_description"`
	GoldQuestion       string       `json:"gold_question"`
	Unoptimized        ScoredOutput `json:"unoptimized"`
	Optimized          ScoredOutput `json:"optimized"`
}

type ScoredOutput struct {
	Query  *string  `json:"query"`
	Score  *float64 `json:"score"` // nil: the call failed, see Error
	Reason string   `json:"reason"`
	Error  string   `json:"error,omitempty"`
}

type CompareParams struct {
	Call
	Long
	Programs  []ProgramRef       `json:"programs" doc:"two: a is the baseline, b is compared with it"`
	Models    []string           `json:"models,omitempty" doc:"two task models, for a and b"`
	Gold      string             `json:"gold,omitempty"`
	Split     string             `json:"split,omitempty"`
	Metric    *Metric            `json:"metric,omitempty"`
	Threshold *float64           `json:"threshold,omitempty"`
	Examples  *int               `json:"examples,omitempty"`
	Repeats   *int               `json:"repeats,omitempty"`
	Report    string             `json:"report,omitempty"`
	Budget    *dispatcher.Budget `json:"budget,omitempty"`
}
