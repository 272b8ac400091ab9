package api

import (
	"encoding/json"

	"qgen-sidecar/dispatcher"
)

type LMCompleteParams struct {
	Call
	Prompt         string               `json:"prompt,omitempty" doc:"the prompt; exactly one of prompt and messages"`
	Messages       []dispatcher.Message `json:"messages,omitempty" doc:"the messages; exactly one of prompt and messages"`
	Role           string               `json:"role,omitempty" enum:"Role" doc:"whose model and settings: task (default), teacher or judge"`
	Model          string               `json:"model,omitempty" doc:"another model than the role's"`
	MaxTokens      *int                 `json:"max_tokens,omitempty" doc:"tokens of the reply at the most; default the role's"`
	Temperature    *float64             `json:"temperature,omitempty" doc:"0 to 2; default the role's"`
	ResponseFormat json.RawMessage      `json:"response_format,omitempty" shape:"object" doc:"OpenAI's response_format, sent as it is"`
}

type LMCompleteResult struct {
	Text         string `json:"text" doc:"the reply"`
	Endpoint     string `json:"endpoint" doc:"name of the endpoint that answered"`
	Model        string `json:"model" doc:"the model that answered"`
	FinishReason string `json:"finish_reason" doc:"why the reply ends, in the endpoint's word"`
	Usage        Usage  `json:"usage" doc:"what the call took"`
}

type FetchParams struct {
	Long
	Collection string          `json:"collection,omitempty" doc:"collection of the chunks; default store.collection"`
	Count      *int            `json:"count,omitempty" doc:"how many chunks; default 200"`
	Seed       *int64          `json:"seed,omitempty" doc:"fixes which chunks and in what order; absent: drawn"`
	MinChars   int             `json:"min_chars,omitempty" doc:"characters that a text must have; default 0"`
	Filter     json.RawMessage `json:"filter,omitempty" shape:"object" doc:"which chunks: a Qdrant filter in REST's JSON shape; absent: all"`
	Fields     []string        `json:"fields,omitempty" doc:"payload keys that each chunk is to have as well, or dotted paths to them"`
	Output     string          `json:"output,omitempty" shape:"path" doc:"path of a JSONL file to write the chunks to; absent: they are in the result"`
}

type FetchResult struct {
	Collection  string           `json:"collection" doc:"the collection"`
	Total       int              `json:"total" doc:"points that match the filter"`
	Count       int              `json:"count" doc:"chunks in the sample"`
	WithoutText int              `json:"without_text" doc:"points that others replaced: no text, or less than min_chars"`
	Seed        int64            `json:"seed" doc:"the seed, given or drawn"`
	Output      *string          `json:"output" doc:"path of the file; null: the chunks are here"`
	Chunks      []map[string]any `json:"chunks,omitzero" shape:"Chunk" doc:"the sample: chunk_id, chunk_text and the fields asked for; absent with output"`
}

type ChoosePersonaParams struct {
	Call
	ChunkText string  `json:"chunk_text" doc:"the chunk's text"`
	ChunkID   ChunkID `json:"chunk_id,omitzero" doc:"id of the chunk's point, for the host's own choice"`
}

// PersonaResult is choose-persona's answer; PersonaDescription nil skips the chunk.
type PersonaResult struct {
	PersonaDescription *string  `json:"persona_description" doc:"who asks; null: the source has nobody for this chunk"`
	Name               string   `json:"name,omitempty" doc:"name of the persona"`
	Score              *float64 `json:"score,omitempty" doc:"how well it fits: the cosine of its description and the chunk; absent: not measured"`
	Source             string   `json:"source" enum:"PersonaSource" doc:"host, file, collection or none"`
}

type AnnotateSuggestParams struct {
	Call
	Long
	ChunkText          string   `json:"chunk_text" doc:"the text to ask about"`
	ChunkID            ChunkID  `json:"chunk_id,omitzero" doc:"id of the chunk's point: suggestions that do not find it are marked"`
	PersonaDescription *string  `json:"persona_description,omitempty" doc:"who asks; absent: chosen from the configured source"`
	Count              *int     `json:"count,omitempty" doc:"how many, 3 to 5; default annotate.suggestions"`
	Avoid              []string `json:"avoid,omitempty" doc:"questions that are not wanted again"`
	Like               string   `json:"like,omitempty" doc:"a question: others of its kind, tone and length are wanted"`
}

type Suggestion struct {
	Question    string   `json:"question" doc:"the question"`
	QueryType   string   `json:"query_type" doc:"what kind of answer is asked for"`
	QueryFormat string   `json:"query_format" doc:"how the question is put"`
	Warnings    []string `json:"warnings" doc:"faults of the question; none: an empty list"`
}

type AnnotateSuggestResult struct {
	PersonaDescription *string      `json:"persona_description" doc:"who asks; null: the host skipped the chunk"`
	Suggestions        []Suggestion `json:"suggestions" doc:"the questions, no two alike; none when the chunk was skipped"`
	Usage              Usage        `json:"usage" doc:"what the suggestions took"`
}
