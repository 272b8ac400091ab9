package annotate

import (
	"context"
	"io"
	"time"

	"qgen-sidecar/engine/decisions"
)

// Chunk is a text to ask a question of.
type Chunk struct {
	ID     any    // as Qdrant has it, nil when unknown
	Text   string // never changed on its way to the gold set
	Source string // where it comes from, for display: a title, a path; may be ""
}

// Suggestions is what Suggest answers. Persona nil: there is none for this
// chunk; the person may give one, write a question, or skip.
type Suggestions struct {
	Persona *string
	Name    string   // of the persona, "" unknown
	Match   *float64 // how near the persona is to the chunk, 0…1; nil unknown
	Items   []decisions.Suggestion
	Model   string  // that wrote them, for the journal
	USD     float64 // what they cost, as far as known
}

// Persona is one that could ask about a chunk.
type Persona struct {
	Name, Description string
	Match             *float64
}

// kinds are an own question's type and format.
type kinds struct{ Type, Format string }

// Wish is what a person wants of further suggestions.
type Wish struct {
	Persona *string  // nil: one is chosen
	Name    string   // of the persona, where it is known
	Match   *float64 // of the persona, where it is known
	Avoid   []string // questions already shown
	Like    string   // others of this one's kind; "" any
}

// Options of Run. Chunks, Suggest, Save, Remove and Journal are required.
type Options struct {
	Chunks []Chunk
	// Gold is the gold set at the start; chunks in it are passed over.
	Gold []decisions.GoldEntry

	// Suggest makes suggestions. Called from several goroutines.
	Suggest func(ctx context.Context, c Chunk, w Wish) (Suggestions, error)
	// Personas lists others for a chunk, best first; nil: p lets one type a persona.
	Personas func(ctx context.Context, c Chunk) ([]Persona, error)
	// Save puts the question of a taken record into the gold set (engine's gold-add)
	// and answers how many entries it has then. The same record twice must be one
	// entry.
	Save func(ctx context.Context, r decisions.Record) (count int, err error)
	// Remove takes the entry with r.ChunkText and r.Question out of the gold set,
	// under the same lock as Save, and answers how many are left. An entry that is
	// not there is no error.
	Remove func(ctx context.Context, r decisions.Record) (count int, err error)

	// Types and Formats are offered for own questions; what suggestions were called
	// is added to them.
	Types, Formats []string
	Notice         string // said once at the start: what is off, and why

	Target  int    // entries wanted; 0: 100
	Journal string // path of the append-only journal, gold.journal.jsonl
	Ahead   int    // items whose suggestions are made ahead; 0: 2, negative: none

	In         io.Reader
	Out        io.Writer
	IsTerminal bool             // full screen; else lines
	NoColor    bool             // NO_COLOR is set
	Editor     string           // $EDITOR, "" : edit in place only
	Now        func() time.Time // nil: time.Now
}
