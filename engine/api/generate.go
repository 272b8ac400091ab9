package api

import (
	"encoding/json"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/program"
)

type GenerateParams struct {
	Call
	ChunkText          string         `json:"chunk_text" doc:"the text to ask about"`
	ChunkID            ChunkID        `json:"chunk_id,omitzero" doc:"id of the chunk's point; needed to save and for the gate round-trip"`
	PersonaDescription *string        `json:"persona_description,omitempty" doc:"who asks; absent: chosen from the configured source"`
	Program            ProgramRef     `json:"program,omitzero" doc:"the program that writes the question; absent: files.program if it exists"`
	Rollout            int            `json:"rollout,omitempty" doc:"number of the draw: another number is another draw; default 0"`
	Candidates         *int           `json:"candidates,omitempty" doc:"draws to choose from, 1 to 20; default 1"`
	Gates              []string       `json:"gates,omitempty" enum:"Gate" doc:"what may refuse the question: standalone, leak, language, round-trip, duplicate, answerable; default none"`
	Save               bool           `json:"save,omitempty" doc:"save the question in store.questions.collection; default false"`
	Payload            map[string]any `json:"payload,omitempty" doc:"further payload of the saved question"`
	Vector             []float32      `json:"vector,omitempty" doc:"the question's vector, to save it with; absent: embedded"`
}

type GenerateResult struct {
	ProgramUsed
	Query              *string  `json:"query" doc:"the question; null: none passed the gates"`
	QueryType          string   `json:"query_type" doc:"what kind of answer is asked for"`
	QueryFormat        string   `json:"query_format" doc:"how the question is put"`
	PersonaDescription *string  `json:"persona_description" doc:"who asks; null: nobody was chosen"`
	Warnings           []string `json:"warnings" doc:"faults of the text that no gate was asked about"`
	RejectedReason     string   `json:"rejected_reason,omitempty" doc:"gate and reason, when query is null"`
	PointID            any      `json:"point_id,omitempty" shape:"id" doc:"id of the saved question"`
	Model              string   `json:"model" doc:"the model that wrote it"`
	Usage              Usage    `json:"usage" doc:"what the question took"`
	ElapsedMS          float64  `json:"elapsed_ms" doc:"milliseconds that the call took"`
}

type SaveQuestionParams struct {
	Call
	Query              string         `json:"query" doc:"the question"`
	ChunkID            ChunkID        `json:"chunk_id" doc:"id of the chunk's point"`
	PersonaDescription *string        `json:"persona_description,omitempty" doc:"who asks"`
	QueryType          string         `json:"query_type,omitempty" doc:"what kind of answer is asked for"`
	QueryFormat        string         `json:"query_format,omitempty" doc:"how the question is put"`
	Payload            map[string]any `json:"payload,omitempty" doc:"further payload of the saved question"`
	Vector             []float32      `json:"vector,omitempty" doc:"the question's vector; absent: embedded"`
}

type SaveQuestionResult struct {
	PointID any `json:"point_id" shape:"id" doc:"id of the saved question"`
}

type GenerateAllParams struct {
	Call
	Long
	Collection string             `json:"collection,omitempty" doc:"collection of the chunks; default store.collection"`
	Filter     json.RawMessage    `json:"filter,omitempty" shape:"object" doc:"which chunks: a Qdrant filter in REST's JSON shape; absent: all"`
	Limit      *int               `json:"limit,omitempty" doc:"chunks to look at, in id order; absent: all"`
	PerChunk   *int               `json:"per_chunk,omitempty" doc:"questions of each chunk, 1 to 20; default 1"`
	Program    ProgramRef         `json:"program,omitzero" doc:"the program that writes the questions; absent: files.program if it exists"`
	Gates      []string           `json:"gates,omitempty" enum:"Gate" doc:"what may refuse a question: standalone, leak, language, round-trip, duplicate, answerable; default none"`
	Output     string             `json:"output,omitempty" shape:"path" doc:"path of a JSONL file to append the questions to"`
	Save       bool               `json:"save,omitempty" doc:"save the questions in store.questions.collection; default false"`
	Resume     *bool              `json:"resume,omitempty" doc:"go on after what earlier calls finished; default true"`
	Slice      *Slice             `json:"slice,omitempty" doc:"only a part of the chunks, by their ids: for several processes or machines"`
	Budget     *dispatcher.Budget `json:"budget,omitempty" doc:"limits of what the call may spend; absent: none"`
	DryRun     bool               `json:"dry_run,omitempty" doc:"only estimate what it would take; default false"`
}

type Slice struct {
	Index int `json:"index" doc:"which part, from 0"`
	Total int `json:"total" doc:"how many parts there are"`
}

type GenerateAllResult struct {
	ProgramUsed
	Done     int `json:"done" doc:"questions that were accepted by this call"`
	Skipped  int `json:"skipped" doc:"questions that earlier calls finished, and those of chunks without a text"`
	Rejected int `json:"rejected" doc:"questions that a gate refused"`
	Failed   int `json:"failed" doc:"questions that a fault left open; the same call tries them again"`
	Written  int `json:"written" doc:"accepted questions, saved or in the output"`
	// Stale are the saved questions of the collection's chunks that are marked so:
	// their chunk is gone or has another text. Counted with save.
	Stale int   `json:"stale" doc:"saved questions of the collection's chunks that are marked stale: the chunk is gone or has another text; counted with save"`
	Usage Usage `json:"usage" doc:"what the call took"`
	// Types are those of all accepted questions, earlier calls' too, and their
	// divergence from quality.type_mix (Jensen-Shannon, 0 to 1 bit).
	Types          []TypeShare `json:"types" doc:"types of all accepted questions, earlier calls' too, the commonest first"`
	TypeDivergence *float64    `json:"type_divergence,omitempty" doc:"divergence of the types from quality.type_mix, 0 to 1 bit (Jensen-Shannon); absent without a mix"`
	// Gates are counted and priced apart, in the order they are asked.
	Gates    []GateCount `json:"gates" doc:"each gate, counted and priced apart, in the order in which they are asked"`
	Failures []Failure   `json:"failures" doc:"the failed ones, at most 1,000 of them"`
	Warnings []string    `json:"warnings" doc:"what was mended or left out"`
}

type Failure struct {
	ChunkID any    `json:"chunk_id" shape:"id" doc:"id of the chunk"`
	Error   string `json:"error" doc:"what failed"`
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
	Gate    string `json:"gate" enum:"Gate" doc:"the gate's name"`
	Asked   int    `json:"asked" doc:"questions that it was asked about, those asked again too, and chunks that it refused before any question"`
	Refused int    `json:"refused" doc:"of these, how many it refused"`
	Usage   Usage  `json:"usage" doc:"what it took; an embedding is counted at the first gate that needed it"`
}

// TypeShare is how many of the questions are of a type. Wanted is its share by
// quality.type_mix; 0 for a type that is not in it, absent without a mix.
type TypeShare struct {
	Type   string   `json:"type" doc:"the type, in small letters"`
	N      int      `json:"n" doc:"questions of it"`
	Share  float64  `json:"share" doc:"its share of all questions, 0 to 1"`
	Wanted *float64 `json:"wanted,omitempty" doc:"its share by quality.type_mix; absent without a mix"`
}
