package api

import (
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/verdict"
)

type EvaluateParams struct {
	Call
	Long
	Gold      string             `json:"gold,omitempty" shape:"path" doc:"path of the gold set; default files.gold"`
	Program   ProgramRef         `json:"program,omitzero" doc:"the program to evaluate; absent: files.program if it exists"`
	Baseline  ProgramRef         `json:"baseline,omitzero" doc:"a program, null, or a .jsonl file of {chunk_text, query}; absent: the unoptimised program"`
	Split     string             `json:"split,omitempty" enum:"SplitPart" doc:"the part to evaluate on: test (default), dev, train or all"`
	Metric    *Metric            `json:"metric,omitempty" doc:"who scores: judge, host, or {judge, gates}, where a success must also pass those gates; default judge"`
	Threshold *float64           `json:"threshold,omitempty" doc:"score from which an answer is a success, 1 to 5; default 4"`
	Examples  *int               `json:"examples,omitempty" doc:"examples in the result; default 5"`
	Repeats   *int               `json:"repeats,omitempty" doc:"how often each answer is judged, 1 to 25; default 1"`
	Report    string             `json:"report,omitempty" shape:"path" doc:"path of an HTML page to write; its .json and .md are written beside it"`
	Budget    *dispatcher.Budget `json:"budget,omitempty" doc:"limits of what the call may spend; absent: none"`
}

type EvaluateResult struct {
	ProgramUsed
	N          int                `json:"n" doc:"gold entries that were evaluated"`
	Split      string             `json:"split" enum:"SplitPart" doc:"the part that they are of"`
	Baseline   verdict.Summary    `json:"baseline" doc:"the baseline's scores"`
	Optimized  verdict.Summary    `json:"optimized" doc:"the program's scores"`
	Difference verdict.Difference `json:"difference" doc:"program against baseline, and what may be concluded"`
	Wins       int                `json:"wins" doc:"entries on which the program scored higher"`
	Ties       int                `json:"ties" doc:"entries with equal scores"`
	Losses     int                `json:"losses" doc:"entries on which the baseline scored higher"`
	Judge      JudgeInfo          `json:"judge" doc:"who scored, and how far that can be trusted"`
	// GoldOverlap is how like the gold questions the written ones are.
	GoldOverlap GoldOverlap       `json:"gold_overlap" doc:"how like the gold questions the written ones are"`
	Warnings    []string          `json:"warnings" doc:"what should be known before the figures are believed"`
	Examples    []EvaluateExample `json:"examples" doc:"the examples worth reading"`
	Report      string            `json:"report,omitempty" shape:"path" doc:"path of the page that was written"`
	Usage       Usage             `json:"usage" doc:"what the evaluation took"`
}

// GoldOverlap is the mean similarity of questions to the gold questions of the
// same chunks, 0…1: the Jaccard similarity of their character 5-grams. Null
// where no question was written. A gain in score that comes with a gain here
// may be imitation.
type GoldOverlap struct {
	Baseline  *float64 `json:"baseline" doc:"mean similarity of its questions to the gold questions, 0 to 1 (Jaccard of character 5-grams); null: it wrote none"`
	Optimized *float64 `json:"optimized" doc:"the same of the program"`
}

type JudgeInfo struct {
	Model     string          `json:"model" doc:"the model that judged, or host"`
	Kappa     *float64        `json:"kappa,omitempty" doc:"quadratically weighted κ of the judge with people; absent: nobody scored outputs"`
	Flips     *float64        `json:"flip_rate,omitempty" doc:"share of answers whose repeated judgements disagree on success; absent without repeats"`
	Warning   string          `json:"warning,omitempty" doc:"what speaks against the judge"`
	Agreement *JudgeAgreement `json:"agreement,omitempty" doc:"the judge held against people, who scored outputs with annotate --judge"` // with people, who scored outputs by annotate --judge
}

type EvaluateExample struct {
	ChunkText          string       `json:"chunk_text" doc:"the chunk's text"`
	PersonaDescription string       `json:"persona_description" doc:"who asks"`
	GoldQuestion       string       `json:"gold_question" doc:"the question that a person picked"`
	Unoptimized        ScoredOutput `json:"unoptimized" doc:"the baseline's question"`
	Optimized          ScoredOutput `json:"optimized" doc:"the program's question"`
}

type ScoredOutput struct {
	Query  *string  `json:"query" doc:"the question; null: none was written"`
	Score  *float64 `json:"score" doc:"1 to 5, the mean of repeats; null: the call failed"` // nil: the call failed, see Error
	Reason string   `json:"reason" doc:"the judge's reason"`
	Error  string   `json:"error,omitempty" doc:"what failed"`
}

type CompareParams struct {
	Call
	Long
	Programs  []ProgramRef       `json:"programs" doc:"two programs: the first is the baseline, the second is compared with it"`
	Models    []string           `json:"models,omitempty" doc:"two task models, one for each program; absent: lm.task.model"`
	Gold      string             `json:"gold,omitempty" shape:"path" doc:"path of the gold set; default files.gold"`
	Split     string             `json:"split,omitempty" enum:"SplitPart" doc:"the part to compare on: test (default), dev, train or all"`
	Metric    *Metric            `json:"metric,omitempty" doc:"who scores: judge, host, or {judge, gates}, where a success must also pass those gates; default judge"`
	Threshold *float64           `json:"threshold,omitempty" doc:"score from which an answer is a success, 1 to 5; default 4"`
	Examples  *int               `json:"examples,omitempty" doc:"examples in the result; default 5"`
	Repeats   *int               `json:"repeats,omitempty" doc:"how often each answer is judged, 1 to 25; default 1"`
	Report    string             `json:"report,omitempty" shape:"path" doc:"path of an HTML page to write; its .json and .md are written beside it"`
	Budget    *dispatcher.Budget `json:"budget,omitempty" doc:"limits of what the call may spend; absent: none"`
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
	Unanswered int              `json:"unanswered,omitempty" doc:"outputs that the judge gave no score"`   // outputs that the judge gave no score
	Clause     *ClauseAgreement `json:"clause,omitempty" doc:"what the judge and people disagree on most"` // on which they disagree most
}

// ClauseAgreement is about the outputs on which a person, or the judge where it
// was the stricter one, named the clause.
type ClauseAgreement struct {
	Name string  `json:"name" enum:"ClauseName" doc:"clarity, specificity or relevance"`
	N    int     `json:"n" doc:"outputs on which a person or the judge named it"`
	Gap  float64 `json:"gap" doc:"mean distance of the two scores on these, in points"` // mean distance of the two scores
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
