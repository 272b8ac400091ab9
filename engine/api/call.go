package api

import (
	"context"
	"encoding/json"

	"qgen-sidecar/dispatcher"
)

// Call holds the parameters that every method calling a model accepts.
type Call struct {
	TimeoutS *float64 `json:"timeout_s,omitempty" doc:"seconds after which the call is given up; absent: never"`
	Fresh    bool     `json:"fresh,omitempty" doc:"ask again although the reply is in the cache; default false"`
	Trace    string   `json:"trace,omitempty" doc:"any text; repeated in logs and in calls to the host"`
}

// Long holds what every long method accepts.
type Long struct {
	ProgressToken json.RawMessage `json:"progress_token,omitempty" shape:"id" doc:"a string or number; $/progress notifications carry it"`
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

// Shape of the parameter.
func (ProgramRef) Shape() Shape {
	return Shape{"a path or null", map[string]any{"type": []string{"string", "null"}, "title": "ProgramRef",
		"description": "path of a program; null: the unoptimised one; absent: files.program if it exists"}}
}

// IsZero lets omitzero leave an absent reference out.
func (r ProgramRef) IsZero() bool { return !r.Given }

// ProgramUsed is carried by every result that a program had a part in.
type ProgramUsed struct {
	Program     *string `json:"program" doc:"path of the program; null: the unoptimised one"` // null: the unoptimised one
	ProgramHash string  `json:"program_hash" doc:"SHA-256 of the program as a run uses it, in hex"`
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

// Reporter is what long calls under ctx report to; nobody if WithProgress named none.
func Reporter(ctx context.Context) func(Progress) {
	if fn, ok := ctx.Value(progressKey{}).(func(Progress)); ok {
		return fn
	}
	return func(Progress) {}
}
