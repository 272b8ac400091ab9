package engine

import (
	"context"
	"encoding/json"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/optimize"
	"qgen-sidecar/engine/verdict"
	"qgen-sidecar/qdrantlock"
)

// Parameters and results of every method, in CONTRACT.md's shapes. The JSON
// tags are the wire names; rpc decodes into these strictly, the command line
// makes flags of them, docs/reference.md is generated from them. A `doc` tag
// is the reference's sentence for the field.

// Call holds the parameters that every method calling a model accepts.
type Call struct {
	TimeoutS *float64 `json:"timeout_s,omitempty" doc:"seconds after which the call is given up"`
	Fresh    bool     `json:"fresh,omitempty" doc:"ask again although the reply is in the cache"`
	Trace    string   `json:"trace,omitempty" doc:"echoed in logs and callbacks"`
}

// Long holds what every long method accepts.
type Long struct {
	ProgressToken json.RawMessage `json:"progress_token,omitempty" doc:"a string or number; $/progress notifications carry it"`
}

// ProgramRef is a program parameter: absent, null (the unoptimised program) or a path.
type ProgramRef struct {
	Given bool   // false: files.program if it exists, else unoptimised
	Path  string // "" with Given: null
}

func (r *ProgramRef) UnmarshalJSON(b []byte) error {
	r.Given = true
	if string(b) == "null" {
		r.Path = ""
		return nil
	}
	return json.Unmarshal(b, &r.Path)
}

func (r ProgramRef) MarshalJSON() ([]byte, error) {
	if r.Path == "" {
		return []byte("null"), nil
	}
	return json.Marshal(r.Path)
}

// IsZero lets omitzero leave an absent reference out.
func (r ProgramRef) IsZero() bool { return !r.Given }

// ProgramUsed is carried by every result that a program had a part in.
type ProgramUsed struct {
	Program     *string `json:"program"` // null: the unoptimised one
	ProgramHash string  `json:"program_hash"`
}

type Usage = dispatcher.Usage

// Progress is one event of a long call.
type Progress struct {
	Stage   string `json:"stage"`
	Done    int    `json:"done"`
	Total   int    `json:"total"`
	Message string `json:"message,omitempty"`
	Usage   *Usage `json:"usage,omitempty"`
}

type progressKey struct{}

// WithProgress has long calls under ctx report to fn (called from any goroutine).
func WithProgress(ctx context.Context, fn func(Progress)) context.Context {
	return context.WithValue(ctx, progressKey{}, fn)
}

func emit(ctx context.Context, p Progress) {
	if fn, ok := ctx.Value(progressKey{}).(func(Progress)); ok {
		fn(p)
	}
}

// Host is the application's side: the callbacks it declared at initialize.
// A nil function is a callback not offered.
type Host struct {
	ChoosePersona func(ctx context.Context, chunkText, chunkID string, trace string) (*PersonaResult, error)
	Score         func(ctx context.Context, chunkText, persona, gold, query string) (score int, reason string, err error)
	Complete      dispatcher.HostComplete
	Embed         func(ctx context.Context, texts []string, purpose string) ([][]float32, error)
	EmbedModel    string // "" when only `true` was declared
	EmbedDim      int
}

// StoreInfo is initialize's and status's store object; nil without a store.
type StoreInfo struct {
	Mode        qdrantlock.Mode   `json:"mode"`
	Path        string            `json:"path,omitempty"`
	URL         string            `json:"url,omitempty"`
	Collections []CollectionInfo  `json:"collections"`
	Share       *qdrantlock.Share `json:"share,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
}

type CollectionInfo struct {
	Name   string `json:"name"`
	Points uint64 `json:"points"`
}

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
	WithoutText int              `json:"without_text"`
	Seed        int64            `json:"seed"`
	Output      *string          `json:"output"`
	Chunks      []map[string]any `json:"chunks,omitempty"`
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

type GoldAddParams struct {
	ChunkText          string  `json:"chunk_text"`
	PersonaDescription string  `json:"persona_description"`
	GoldQuestion       string  `json:"gold_question"`
	QueryType          string  `json:"query_type,omitempty"`
	QueryFormat        string  `json:"query_format,omitempty"`
	ChunkID            ChunkID `json:"chunk_id,omitzero"`
}

type GoldAddResult struct {
	Count int `json:"count"`
}

type GoldSampleParams struct {
	Count *int   `json:"count,omitempty" doc:"default 5"`
	Seed  *int64 `json:"seed,omitempty"`
}

type GoldSampleResult struct {
	Total   int               `json:"total"`
	Entries []json.RawMessage `json:"entries"` // whole, unknown keys too
}

type PromptsParams struct {
	Program ProgramRef `json:"program,omitzero"`
}

type PromptsResult struct {
	ProgramUsed
	Predictors []PredictorPrompt `json:"predictors"`
}

type PredictorPrompt struct {
	Name     string               `json:"name"`
	Messages []dispatcher.Message `json:"messages"`
}

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
	Warnings   []string           `json:"warnings"`
	Examples   []EvaluateExample  `json:"examples"`
	Report     string             `json:"report,omitempty"`
	Usage      Usage              `json:"usage"`
}

type JudgeInfo struct {
	Model   string   `json:"model"`
	Kappa   *float64 `json:"kappa,omitempty"`
	Flips   *float64 `json:"flip_rate,omitempty"`
	Warning string   `json:"warning,omitempty"`
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
	Done     int       `json:"done"`
	Skipped  int       `json:"skipped"`
	Rejected int       `json:"rejected"`
	Failed   int       `json:"failed"`
	Written  int       `json:"written"`
	Usage    Usage     `json:"usage"`
	Failures []Failure `json:"failures"`
}

type Failure struct {
	ChunkID any    `json:"chunk_id"`
	Error   string `json:"error"`
}

type CheckQuestionsParams struct {
	Call
	Long
	Questions  []QuestionToCheck `json:"questions,omitempty"`
	Collection string            `json:"collection,omitempty" doc:"of saved questions; absent: store.questions.collection"`
	Report     string            `json:"report,omitempty"`
}

type QuestionToCheck struct {
	ChunkText string  `json:"chunk_text"`
	ChunkID   ChunkID `json:"chunk_id,omitzero"`
	Query     string  `json:"query"`
}

type CheckQuestionsResult struct {
	N             int            `json:"n"`
	RoundTrip     *RoundTrip     `json:"round_trip"` // null: nothing to search in or embed with
	Duplicates    int            `json:"duplicates"`
	Leaks         int            `json:"leaks"`
	NotStandalone int            `json:"not_standalone"`
	Languages     map[string]int `json:"languages"`
	Diversity     map[string]any `json:"diversity"`
	Flagged       []Flag         `json:"flagged"`
	Warnings      []string       `json:"warnings"`
	Usage         Usage          `json:"usage"`
}

type RoundTrip struct {
	At1  float64 `json:"at_1"`
	At5  float64 `json:"at_5"`
	At10 float64 `json:"at_10"`
	MRR  float64 `json:"mrr"`
}

type Flag struct {
	Index   int      `json:"index"`
	Reasons []string `json:"reasons"`
}

// WhyResult is the provenance of a saved question (command `why`).
type WhyResult struct {
	PointID any            `json:"point_id"`
	Payload map[string]any `json:"payload"`
	Chunk   map[string]any `json:"chunk"`
}
