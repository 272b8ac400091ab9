package api

import (
	"encoding/json"

	"qgen-sidecar/dispatcher"
)

type LMCompleteParams struct {
	Call
	Prompt         string               `json:"prompt,omitempty"`
	Messages       []dispatcher.Message `json:"messages,omitempty"`
	Role           string               `json:"role,omitempty" doc:"task (default), teacher or judge"`
	Model          string               `json:"model,omitempty"`
	MaxTokens      *int                 `json:"max_tokens,omitempty"`
	Temperature    *float64             `json:"temperature,omitempty"`
	ResponseFormat json.RawMessage      `json:"response_format,omitempty"`
}

type LMCompleteResult struct {
	Text         string `json:"text"`
	Endpoint     string `json:"endpoint"`
	Model        string `json:"model"`
	FinishReason string `json:"finish_reason"`
	Usage        Usage  `json:"usage"`
}

type FetchParams struct {
	Long
	Collection string          `json:"collection,omitempty"`
	Count      *int            `json:"count,omitempty" doc:"default 200"`
	Seed       *int64          `json:"seed,omitempty"`
	MinChars   int             `json:"min_chars,omitempty"`
	Filter     json.RawMessage `json:"filter,omitempty" doc:"a Qdrant filter in REST's JSON shape"`
	Fields     []string        `json:"fields,omitempty"`
	Output     string          `json:"output,omitempty"`
}

type FetchResult struct {
	Collection  string           `json:"collection"`
	Total       int              `json:"total"`
	Count       int              `json:"count"`
	WithoutText int              `json:"without_text" doc:"points that others replaced: no text, or less than min_chars"`
	Seed        int64            `json:"seed"`
	Output      *string          `json:"output"`
	Chunks      []map[string]any `json:"chunks,omitzero"`
}

type ChoosePersonaParams struct {
	Call
	ChunkText string  `json:"chunk_text"`
	ChunkID   ChunkID `json:"chunk_id,omitzero"`
}

// PersonaResult is choose-persona's answer; PersonaDescription nil skips the chunk.
type PersonaResult struct {
	PersonaDescription *string  `json:"persona_description"`
	Name               string   `json:"name,omitempty"`
	Score              *float64 `json:"score,omitempty"`
	Source             string   `json:"source"`
}

type AnnotateSuggestParams struct {
	Call
	Long
	ChunkText          string   `json:"chunk_text"`
	ChunkID            ChunkID  `json:"chunk_id,omitzero"`
	PersonaDescription *string  `json:"persona_description,omitempty"`
	Count              *int     `json:"count,omitempty" doc:"3 to 5, default annotate.suggestions"`
	Avoid              []string `json:"avoid,omitempty"`
	Like               string   `json:"like,omitempty" doc:"a question: others of its kind, tone and length"`
}

type Suggestion struct {
	Question    string   `json:"question"`
	QueryType   string   `json:"query_type"`
	QueryFormat string   `json:"query_format"`
	Warnings    []string `json:"warnings"`
}

type AnnotateSuggestResult struct {
	PersonaDescription *string      `json:"persona_description"`
	Suggestions        []Suggestion `json:"suggestions"`
	Usage              Usage        `json:"usage"`
}
