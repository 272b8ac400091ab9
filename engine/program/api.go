package program

import (
	"context"
	"encoding/json"
)

// Kind is the type of a field's value.
type Kind int

const (
	Text    Kind = iota
	Integer      // in Min..Max
	OneOf        // one of Choices
)

// Field is one input or output of a signature. Prefix is what DSPy saves
// ("Chunk Text:") and nobody renders; Desc is rendered, "" and "${name}" are not.
type Field struct {
	Name, Prefix, Desc string
	Kind               Kind
	Min, Max           int
	Choices            []string
}

// Signature is what one model call takes and gives.
type Signature struct {
	Name         string // AnalyzeQueryRelevance, GenerateFinalQuery, …
	Instructions string
	Inputs       []Field
	Outputs      []Field
}

// Values maps field names to their text.
type Values map[string]string

// Demo is one demonstration: DSPy keeps a JSON object per demonstration, whose
// key order and unknown keys survive load and save.
type Demo struct {
	keys   []string
	values map[string]json.RawMessage
}

// Predictor is a signature with its demonstrations.
type Predictor struct {
	Name      string // "analyzer", "generator"
	Signature Signature
	Demos     []Demo
	extra     map[string]json.RawMessage // traces, train, lm … as found
}

// Program is the pipeline: analyzer, then generator.
type Program struct {
	Predictors []*Predictor
	metadata   json.RawMessage
}

// Options shape the unoptimised program; zero values are CONTRACT §3's wording.
type Options struct {
	AnalyzerInstructions  string
	GeneratorInstructions string
	QueryTypes            []string // non-empty: query_type is one of these
	QueryFormats          []string
}

// Message is one chat message.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Query is one model call as the program asks for it.
type Query struct {
	Messages       []Message
	ResponseFormat json.RawMessage // nil unless the JSON layout is used
	Rollout        int             // > 0: another draw
	Temperature    *float64        // nil: the role's own
	Fresh          bool            // ask again although the reply is cached
}

// Answer is the model's reply.
type Answer struct {
	Text, FinishReason, Model, Endpoint string
}

// LM is a model in a role. It limits, retries, caches and counts by itself.
type LM interface {
	Complete(ctx context.Context, q Query) (Answer, error)
}

// Layout says how replies are asked for.
type Layout string

const (
	LayoutAuto    Layout = "auto"    // markers, then JSON by schema when the markers were not followed
	LayoutMarkers Layout = "markers" // markers only
	LayoutJSON    Layout = "json"    // JSON by schema always
)

// Model is an LM with the layout it is asked in.
type Model struct {
	LM     LM
	Layout Layout
}

// ReplyError: the reply could not be read as the output fields, also after the
// layouts allowed were tried. It is a fault of the call, never a score.
type ReplyError struct {
	Predictor, Reply, Reason string
}

func (e *ReplyError) Error() string {
	return "the " + e.Predictor + "'s reply could not be used: " + e.Reason
}

// FileError: a saved program cannot be used; Path is the file, At the place
// inside it (analyzer.demos[3].query).
type FileError struct {
	Path, At, Reason string
}

func (e *FileError) Error() string {
	if e.At == "" {
		return e.Path + ": " + e.Reason
	}
	return e.Path + ": at " + e.At + ": " + e.Reason
}

// Step is one predictor's call in a run, for traces and demonstrations.
type Step struct {
	Predictor string
	Inputs    Values
	Outputs   Values
	Model     string
	Endpoint  string
}

// Prediction is one run of the pipeline.
type Prediction struct {
	Query, QueryType, QueryFormat string
	Model                         string // that wrote the query
	Trace                         []Step
}

// RunOptions are a run's deviations from the role's settings.
type RunOptions struct {
	Rollout     int
	Temperature *float64
	Fresh       bool
	// Avoid are questions already asked of this chunk (per_chunk > 1).
	Avoid []string
}
