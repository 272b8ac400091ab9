package api

import "reflect"

// Shapes that a `shape` tag gives to a field, or to the elements of a list, whose Go
// type does not say what stands in its JSON.
const (
	ShapePath   = "path"   // a string that names a file
	ShapeObject = "object" // a JSON object with keys of the caller's choice
	ShapeID     = "id"     // a string or a whole number
	ShapeText   = "text"   // a string or null
)

// documented are the objects that a `shape` tag may name. Those marked open hold
// further keys.
var documented = map[string]struct {
	shape reflect.Type
	open  bool
}{
	"Chunk":            {reflect.TypeFor[Chunk](), true},
	"GoldEntry":        {reflect.TypeFor[GoldEntry](), true},
	"Demonstration":    {reflect.TypeFor[Demonstration](), true},
	"CandidateDemos":   {reflect.TypeFor[CandidateDemos](), false},
	"CandidateEntries": {reflect.TypeFor[CandidateEntries](), false},
}

// Documented is the struct that a `shape` tag names.
func Documented(shape string) (reflect.Type, bool) {
	d, ok := documented[shape]
	return d.shape, ok
}

// Open says that objects of the type hold further keys.
func Open(t reflect.Type) bool {
	d, ok := documented[t.Name()]
	return ok && d.shape == t && d.open
}

// Chunk is one of fetch's sample. The payload keys that were asked for stand beside
// these.
type Chunk struct {
	ChunkID   ChunkID `json:"chunk_id" doc:"id of the chunk's point"`
	ChunkText string  `json:"chunk_text" doc:"the chunk's text"`
}

// CandidateDemos are a candidate's demonstrations.
type CandidateDemos struct {
	Analyzer  []Demonstration `json:"analyzer" doc:"of the first step"`
	Generator []Demonstration `json:"generator" doc:"of the second step"`
}

// CandidateEntries are the places of a candidate's demonstrations in the gold file.
type CandidateEntries struct {
	Analyzer  []int `json:"analyzer" doc:"of the first step"`
	Generator []int `json:"generator" doc:"of the second step"`
}

// Demonstration is what a demonstration usually holds, as DSPy saves it.
type Demonstration struct {
	Augmented          bool   `json:"augmented,omitempty" doc:"a teacher made it"`
	ChunkText          string `json:"chunk_text,omitempty" doc:"the chunk's text"`
	PersonaDescription string `json:"persona_description,omitempty" doc:"who asks"`
	QueryType          string `json:"query_type,omitempty" doc:"what kind of answer is asked for"`
	QueryFormat        string `json:"query_format,omitempty" doc:"how the question is put"`
	Query              string `json:"query,omitempty" doc:"the question"`
}
