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
	"Diversity":        {reflect.TypeFor[Diversity](), false},
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

// DiversityFigures say how different the questions of a set are. Compare sets of equal
// size only: all but the lengths depend on it.
type DiversityFigures struct {
	N              int     `json:"n" doc:"questions"`
	Distinct1      float64 `json:"distinct_1" doc:"different words per word, 0 to 1"`
	Distinct2      float64 `json:"distinct_2" doc:"different word pairs per pair, 0 to 1"`
	Distinct3      float64 `json:"distinct_3" doc:"different word triples per triple, 0 to 1"`
	NGD            float64 `json:"ngd" doc:"n-gram diversity: the sum of these and of fours, 0 to 4"`
	MeanSimilarity float64 `json:"mean_similarity" doc:"mean similarity of two questions in their characters, 0 to 1"`
	Compared       int     `json:"compared" doc:"questions that this mean is over"`
	MeanWords      float64 `json:"mean_words" doc:"mean length in words"`
	SDWords        float64 `json:"sd_words" doc:"standard deviation of the length, in words"`
	Opening        string  `json:"opening" doc:"the commonest first two words; empty: no question has two"`
	OpeningShare   float64 `json:"opening_share" doc:"share of questions that open so, 0 to 1"`
}

// Diversity is of the whole set.
type Diversity struct {
	DiversityFigures
	Vendi          *float64    `json:"vendi,omitempty" doc:"effective number of different questions by their vectors (Vendi score); absent without vectors"`
	VendiShare     *float64    `json:"vendi_share,omitempty" doc:"the same as a share of the questions, 0 to 1"`
	Types          []TypeShare `json:"types,omitempty" doc:"types of the questions, the commonest first; absent: not known"`
	TypeDivergence *float64    `json:"type_divergence,omitempty" doc:"divergence of the types from quality.type_mix, 0 to 1 bit (Jensen-Shannon); absent without a mix"`
	BesideGold     *BesideGold `json:"beside_gold,omitempty" doc:"beside the gold set, equally many of each; absent without a gold set"`
}

// BesideGold are as many questions of the set and of the gold set.
type BesideGold struct {
	N         int              `json:"n" doc:"questions of each"`
	Questions DiversityFigures `json:"questions" doc:"of the set"`
	Gold      DiversityFigures `json:"gold" doc:"of the gold set"`
}
