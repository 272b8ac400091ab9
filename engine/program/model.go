package program

import (
	"context"
	"encoding/json"

	"qgen-sidecar/internal/fault"
)

// Query is one model call as the program asks for it.
type Query struct {
	Messages       []Message
	Head           *Head           // the first of Messages, the same for every call of a predictor
	ResponseFormat json.RawMessage // nil unless the JSON layout is used
	Rollout        int             // > 0: another draw
	Temperature    *float64        // nil: the role's own
	Fresh          bool            // ask again although the reply is cached
}

// Answer is the model's reply.
type Answer struct {
	Text, FinishReason, Model, Endpoint string
}

// LM is a model in a role. It limits, retries, caches and counts by itself. An
// answer of no use (empty, refused) may be returned as a *ReplyError; Predict
// then asks once more, as for a reply that it cannot read.
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

// Model is an LM with the layout it is asked in; "" is auto. Role ("task",
// "teacher", "judge") is for errors.
type Model struct {
	LM     LM
	Layout Layout
	Role   string
}

// ReplyError: the reply could not be read as the output fields, also after the
// layouts allowed were tried. It is a fault of the call, never a score. Reply is
// the last one.
type ReplyError = fault.ReplyError
