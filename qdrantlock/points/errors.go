package points

import (
	"fmt"

	"qgen-sidecar/qdrantlock/folder"
)

// Kind says what an Error is about; package serve maps it to a gRPC code.
type Kind int

const (
	Invalid     Kind = iota // the request is wrong as it stands
	NotFound                // a named point, vector or collection is not there
	Unsupported             // Qdrant has it, this package does not
)

// Error is a refusal, worded for the caller.
type Error struct {
	Kind Kind
	Text string
	// Committed says that the rest of the request was applied: a request that
	// names a missing point edits all others, as Qdrant does.
	Committed bool
}

func (e *Error) Error() string { return e.Text }

func invalidf(format string, args ...any) error {
	return &Error{Kind: Invalid, Text: "Wrong input: " + fmt.Sprintf(format, args...)}
}

// NoPoint is Qdrant's error for an id that the collection does not hold.
func NoPoint(id folder.ID) *Error {
	return &Error{Kind: NotFound, Text: fmt.Sprintf("Not found: No point with id %s found", id.String())}
}

func noVector(name string) error {
	return invalidf("Not existing vector name error: %s", name)
}
