package scoring

import (
	"context"
	"io"
	"time"
)

// Output is a question to score beside the gold one. Who wrote it is not said.
type Output struct {
	ID                                      string
	ChunkText, Persona, GoldQuestion, Asked string
	Score                                   int      // that this person gave it before; 0: none
	Lacks                                   []string // as marked before
}

// Options of Run. Outputs, Save, In and Out are required.
type Options struct {
	Outputs []Output // in the order in which they are shown
	// Save keeps a score before it returns; score 0 takes it back.
	Save func(ctx context.Context, o Output, score int, lacks []string) error

	In         io.Reader
	Out        io.Writer
	IsTerminal bool             // full screen; else lines
	NoColor    bool             // NO_COLOR is set
	Now        func() time.Time // nil: time.Now
}
