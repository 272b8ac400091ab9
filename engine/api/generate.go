package api

import (
	"encoding/json"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/program"
)

type GenerateParams struct {
	Call
	ChunkText          string         `json:"chunk_text"`
	ChunkID            ChunkID        `json:"chunk_id,omitzero"`
	PersonaDescription *string        `json:"persona_description,omitempty"`
	Program            ProgramRef     `json:"program,omitzero"`
	Rollout            int            `json:"rollout,omitempty"`
	Candidates         *int           `json:"candidates,omitempty" doc:"default 1"`
	Gates              []string       `json:"gates,omitempty"`
	Save               bool           `json:"save,omitempty"`
	Payload            map[string]any `json:"payload,omitempty"`
	Vector             []float32      `json:"vector,omitempty"`
}

type GenerateResult struct {
	ProgramUsed
	Query              *string  `json:"query"`
	QueryType          string   `json:"query_type"`
	QueryFormat        string   `json:"query_format"`
	PersonaDescription *string  `json:"persona_description"`
	Warnings           []string `json:"warnings"`
	RejectedReason     string   `json:"rejected_reason,omitempty"`
	PointID            any      `json:"point_id,omitempty"`
	Model              string   `json:"model"`
	Usage              Usage    `json:"usage"`
	ElapsedMS          float64  `json:"elapsed_ms"`
}

type SaveQuestionParams struct {
	Call
	Query              string         `json:"query"`
	ChunkID            ChunkID        `json:"chunk_id"`
	PersonaDescription *string        `json:"persona_description,omitempty"`
	QueryType          string         `json:"query_type,omitempty"`
	QueryFormat        string         `json:"query_format,omitempty"`
	Payload            map[string]any `json:"payload,omitempty"`
	Vector             []float32      `json:"vector,omitempty"`
}

type SaveQuestionResult struct {
	PointID any `json:"point_id"`
}

type GenerateAllParams struct {
	Call
	Long
	Collection string             `json:"collection,omitempty"`
	Filter     json.RawMessage    `json:"filter,omitempty"`
	Limit      *int               `json:"limit,omitempty"`
	PerChunk   *int               `json:"per_chunk,omitempty" doc:"default 1"`
	Program    ProgramRef         `json:"program,omitzero"`
	Gates      []string           `json:"gates,omitempty"`
	Output     string             `json:"output,omitempty"`
	Save       bool               `json:"save,omitempty"`
	Resume     *bool              `json:"resume,omitempty" doc:"default true"`
	Slice      *Slice             `json:"slice,omitempty"`
	Budget     *dispatcher.Budget `json:"budget,omitempty"`
	DryRun     bool               `json:"dry_run,omitempty"`
}

type Slice struct {
	Index int `json:"index"`
	Total int `json:"total"`
}

type GenerateAllResult struct {
	ProgramUsed
	Done     int `json:"done"`
	Skipped  int `json:"skipped"`
	Rejected int `json:"rejected"`
	Failed   int `json:"failed"`
	Written  int `json:"written"`
	// Stale are the saved questions of the collection's chunks that are marked so:
	// their chunk is gone or has another text. Counted with save.
	Stale int   `json:"stale"`
	Usage Usage `json:"usage"`
	// Types are those of all accepted questions, earlier calls' too, and their
	// divergence from quality.type_mix (Jensen-Shannon, 0 to 1 bit).
	Types          []TypeShare `json:"types"`
	TypeDivergence *float64    `json:"type_divergence,omitempty"`
	// Gates are counted and priced apart, in the order they are asked.
	Gates    []GateCount `json:"gates"`
	Failures []Failure   `json:"failures"`
	Warnings []string    `json:"warnings"`
}

type Failure struct {
	ChunkID any    `json:"chunk_id"`
	Error   string `json:"error"`
}

// WhyResult is the provenance of a saved question (command `why`).
type WhyResult struct {
	PointID            any            `json:"point_id"`
	Question           string         `json:"question"`
	ChunkID            any            `json:"chunk_id"`
	Chunk              map[string]any `json:"chunk"`           // its payload as it is now; null: it is gone
	Stale              string         `json:"stale,omitempty"` // why it may ask what no chunk answers
	PersonaDescription string         `json:"persona_description"`
	Plan               WhyPlan        `json:"plan"`
	Model              string         `json:"model"`
	Provenance         map[string]any `json:"provenance,omitempty"` // endpoint, gates, calls, tokens, usd
	Program            WhyProgram     `json:"program"`
	CreatedAt          string         `json:"created_at,omitempty"`
	Payload            map[string]any `json:"payload"` // all of it
}

// WhyPlan is the first step's answer.
type WhyPlan struct {
	QueryType   string `json:"query_type"`
	QueryFormat string `json:"query_format"`
}

// WhyProgram is the program that wrote a question, as it was then.
type WhyProgram struct {
	Hash       string         `json:"hash,omitempty"`
	Path       string         `json:"path,omitempty"`
	Missing    string         `json:"missing,omitempty"` // why its predictors are not here
	Predictors []WhyPredictor `json:"predictors,omitempty"`
}

type WhyPredictor struct {
	Name           string         `json:"name"`
	Instructions   string         `json:"instructions"`
	Demonstrations []program.Demo `json:"demonstrations"`
}

// GateCount is one gate of a job. Asked counts the questions it was asked about,
// those asked again too, and the chunks that it refused before any question. An
// embedding is paid for by the first gate that needed it.
type GateCount struct {
	Gate    string `json:"gate"`
	Asked   int    `json:"asked"`
	Refused int    `json:"refused"`
	Usage   Usage  `json:"usage"`
}

// TypeShare is how many of the questions are of a type. Wanted is its share by
// quality.type_mix; 0 for a type that is not in it, absent without a mix.
type TypeShare struct {
	Type   string   `json:"type"`
	N      int      `json:"n"`
	Share  float64  `json:"share"`
	Wanted *float64 `json:"wanted,omitempty"`
}
