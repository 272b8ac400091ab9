package api

import (
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/verdict"
)

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

// BlindParams of BlindOutputs. Count 0 is all.
type BlindParams struct {
	Program ProgramRef
	Count   int
	Seed    uint64
}

// JudgeAgreement is the judge held against people.
type JudgeAgreement struct {
	verdict.Agreement
	Unanswered int              `json:"unanswered,omitempty"` // outputs that the judge gave no score
	Clause     *ClauseAgreement `json:"clause,omitempty"`     // on which they disagree most
}

// ClauseAgreement is about the outputs on which a person, or the judge where it
// was the stricter one, named the clause.
type ClauseAgreement struct {
	Name string  `json:"name"`
	N    int     `json:"n"`
	Gap  float64 `json:"gap"` // mean distance of the two scores
}

// Clauses are what the judge's instructions ask for, as a person marks what is missing.
var Clauses = []string{"clarity", "specificity", "relevance"}

// PersonScore is what a person thinks of one output, as the judge is asked: is
// the question as good as the gold one? It is one line of judge_scores.jsonl
// beside the gold set, which is only appended to; of one output and one person
// the last line counts.
type PersonScore struct {
	BlindOutput
	Score  int       `json:"score,omitempty"` // 1–5
	Lacks  []string  `json:"lacks,omitempty"` // of Clauses
	Undone bool      `json:"undone,omitempty"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
}

// BlindOutput is an output to score, without a word on who wrote it.
type BlindOutput struct {
	ID                 string `json:"id"` // hex SHA-256 of the four texts, each followed by a zero byte
	ChunkText          string `json:"chunk_text"`
	PersonaDescription string `json:"persona_description"`
	GoldQuestion       string `json:"gold_question"`
	Query              string `json:"query"`
}
