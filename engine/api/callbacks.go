package api

import (
	"encoding/json"
	"reflect"
	"slices"

	"qgen-sidecar/dispatcher"
)

// Callback is a call of the sidecar to the host, made only where the host offers it.
type Callback struct {
	Name   string
	Doc    string       // one sentence
	Params reflect.Type // a struct
	Answer reflect.Type // a struct
}

func callback[P, A any](name, doc string) Callback {
	return Callback{Name: name, Doc: doc, Params: reflect.TypeFor[P](), Answer: reflect.TypeFor[A]()}
}

var callbacks = []Callback{
	callback[PersonaCall, PersonaAnswer]("choose-persona", "Who would ask about a chunk."),
	callback[ScoreCall, ScoreAnswer]("score", "How good a question is: the metric host."),
	callback[CompleteCall, CompleteAnswer]("complete", "One chat completion by the host's own LLM function, one endpoint among the others."),
	callback[EmbedCall, EmbedAnswer]("embed", "One vector for each text."),
}

// Callbacks are all calls to the host, in the contract's order.
func Callbacks() []Callback { return slices.Clone(callbacks) }

// The members of calls stand in the order of the alphabet, as they always did on the
// wire.

type PersonaCall struct {
	ChunkID   *ChunkID `json:"chunk_id" doc:"id of the chunk's point; null: not known"`
	ChunkText string   `json:"chunk_text" doc:"the chunk's text"`
	Trace     string   `json:"trace,omitempty" doc:"trace of the call that it is for"`
}

type PersonaAnswer struct {
	PersonaDescription json.RawMessage `json:"persona_description" shape:"text" doc:"who asks; null: skip this chunk"`
	Name               string          `json:"name,omitempty" doc:"name of the persona"`
	Score              *float64        `json:"score,omitempty" doc:"how well it fits; by any measure of the host"`
}

type ScoreCall struct {
	ChunkText          string `json:"chunk_text" doc:"the chunk's text"`
	GoldQuestion       string `json:"gold_question" doc:"the question that a person picked"`
	PersonaDescription string `json:"persona_description" doc:"who asks"`
	Query              string `json:"query" doc:"the question to score"`
}

type ScoreAnswer struct {
	Score  *float64 `json:"score" doc:"a whole number from 1 to 5"`
	Reason string   `json:"reason,omitempty" doc:"why"`
}

type CompleteCall struct {
	CallID         string               `json:"call_id" doc:"id of this call, for logs"`
	MaxTokens      *int                 `json:"max_tokens" doc:"tokens of the reply at the most; null: the host's own limit"`
	Messages       []dispatcher.Message `json:"messages" doc:"the messages"`
	Model          string               `json:"model" doc:"the model's name"`
	ResponseFormat json.RawMessage      `json:"response_format,omitempty" shape:"object" doc:"OpenAI's response_format"`
	Role           string               `json:"role" doc:"what it is for: task, teacher, judge, or another word of the caller's"`
	Temperature    *float64             `json:"temperature" doc:"0 to 2; null: the host's own"`
	Trace          string               `json:"trace,omitempty" doc:"trace of the call that it is for"`
}

type CompleteAnswer struct {
	Text         *string     `json:"text,omitempty" doc:"the reply; needed unless retry_after_s is given"`
	Usage        *TokenUsage `json:"usage,omitempty" doc:"what it took; absent: estimated"`
	FinishReason string      `json:"finish_reason,omitempty" doc:"why the reply ends: stop, or length when it was cut off"`
	RetryAfterS  *float64    `json:"retry_after_s,omitempty" doc:"no reply now: seconds after which to ask again"`
}

// TokenUsage is in OpenAI's words.
type TokenUsage struct {
	PromptTokens     int `json:"prompt_tokens,omitempty" doc:"tokens of the prompt"`
	CompletionTokens int `json:"completion_tokens,omitempty" doc:"tokens of the reply"`
}

type EmbedCall struct {
	Purpose string   `json:"purpose" enum:"Purpose" doc:"query: they are questions; passage: they are chunks"`
	Texts   []string `json:"texts" doc:"the texts"`
}

type EmbedAnswer struct {
	Vectors [][]float32 `json:"vectors" doc:"one vector for each text, in their order"`
}

// ProgressNote is the notification $/progress of a call that carried a
// progress_token; the last one has done == total.
type ProgressNote struct {
	Token   json.RawMessage `json:"token" shape:"id" doc:"the call's progress_token"`
	Stage   string          `json:"stage" doc:"what is being done"`
	Done    int             `json:"done" doc:"units of work that are done"`
	Total   int             `json:"total" doc:"units of work in all, as far as is known"`
	Message string          `json:"message" doc:"what more there is to say; mostly empty"`
	Usage   *Usage          `json:"usage" doc:"what the call took so far; null: not counted"`
}
