package store

import (
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/files"
)

// Payload keys of a saved question.
const (
	KeyTextHash    = "text_hash"
	KeyStale       = "stale"        // true; else absent
	keyStaleReason = "stale_reason" // chunkGone or chunkChanged
	KeyProvenance  = "provenance"
)

const (
	ChunkGone    = "its chunk is gone"
	chunkChanged = "its chunk has another text now"
)

// NotStale is the filter for questions that are not.
func NotStale() *qdrant.Filter {
	return &qdrant.Filter{MustNot: []*qdrant.Condition{qdrant.NewMatchBool(KeyStale, true)}}
}

// negative: an id of 2^63 or more as earlier versions saved it, see NewChunkID.
func negative(id any) bool {
	n, ok := id.(int64)
	return ok && n < 0
}

// Staleness of a question whose chunk has this text now; "" none.
func Staleness(question *qdrant.RetrievedPoint, text string) string {
	was, _ := Field(question.GetPayload(), KeyTextHash).(string)
	switch {
	case text == "":
		return ChunkGone
	case files.Hash(text) != was:
		return chunkChanged
	}
	return ""
}

// QuestionsChunk is the chunk that a saved question names.
func QuestionsChunk(question *qdrant.RetrievedPoint, idField string) (*qdrant.PointId, bool) {
	return PointID(api.NewChunkID(Field(question.GetPayload(), idField)))
}
