package program

import (
	"encoding/json"

	"qgen-sidecar/engine/program/reply"
)

// layout is how outputs are described, asked for and shown in a prompt. Order and
// markers are DSPy's, so that a program carries over; the words are ours.
type layout interface {
	// form is that of the replies asked for.
	form() reply.Form
	// rules end the system message: what a reply looks like.
	rules(outputs []Field) string
	// ask is the request's last line. It names the outputs within the line: a
	// marker on a line of its own would read as an input.
	ask(outputs []Field) string
	// answer is the reply that a demonstration shows.
	answer(outputs []Field, d Demo) string
	// responseFormat goes with every call; nil: none.
	responseFormat(s Signature) json.RawMessage
}

// The two layouts: outputs under markers, and as one JSON object.
var byMarkers, byJSON layout = markers{}, jsonObject{}
