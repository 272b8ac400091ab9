package engine

import (
	"context"
	"encoding/json"

	"qgen-sidecar/dispatcher"
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
	ChoosePersona func(ctx context.Context, chunkText string, chunkID ChunkID, trace string) (*PersonaResult, error)
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
