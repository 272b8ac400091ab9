package store

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/engine/api"
)

// questionsShape remembers that the collection for questions is there and what
// vectors it takes.
type questionsShape struct {
	mu   sync.Mutex
	size int // 0: not looked at yet
}

func vectorNames(sizes map[string]int) string {
	var parts []string
	for name, size := range sizes {
		if name == "" {
			name = "the unnamed one"
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", name, size))
	}
	if len(parts) == 0 {
		return "no dense vector"
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

// questionNamespace is the UUIDv5 namespace of saved questions' ids: itself the
// UUIDv5 of "qgen-sidecar/questions" in the URL namespace of RFC 9562.
var questionNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("qgen-sidecar/questions"))

// Question is what is to be saved.
type Question struct {
	Query, Persona         string
	ChunkID                api.ChunkID
	ChunkText              string
	QueryType, QueryFormat string
	ProgramHash, Model     string
	Payload                map[string]any
	Vector                 []float32
	Made                   *Making // nil: not by this process
}

// Making is what is known of a question beyond its texts.
type Making struct {
	Collection string // of the chunk
	Endpoint   string // that wrote it
	Gates      []string
	Again      bool // it was refused once, and asked again
	Earlier    int  // questions of the chunk that it was to differ from
}

// prepared is a question with what is saved of its chunk.
type prepared struct {
	Question
	chunk map[string]*qdrant.Value
}
