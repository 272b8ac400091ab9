package reply

import (
	"errors"
	"fmt"
	"strings"

	"qgen-sidecar/engine/program/signature"
)

// Form is how a reply was asked for.
type Form int

const (
	Markers Form = iota // every field under its marker
	JSON                // one JSON object

	Forms = 2 // how many there are
)

// Read reads the output fields of s from a reply in the form asked for, else in
// the other one: some models answer JSON under markers, or markers where JSON was
// asked. cut says that the reply ended at the token limit. An error says what was
// expected and found.
func Read(s signature.Signature, asked Form, reply string, cut bool) (signature.Values, error) {
	out, err := answerOf(reply, func(text string) (signature.Values, error) { return parse(s, asked, text) })
	if !cut {
		return out, err
	}
	const hint = "the reply was cut off at the token limit (finish_reason length); raise the role's max_tokens"
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, hint)
	}
	if answer, err := withoutThinking(reply); err == nil && cutOff(s, answer) {
		return nil, errors.New("its last field is not closed; " + hint)
	}
	return out, nil
}

// parse reads a text that holds no thinking.
func parse(s signature.Signature, asked Form, text string) (signature.Values, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("it is empty")
	}
	first, second := ParseMarkers, ParseJSON
	if asked == JSON {
		first, second = second, first
	}
	out, err := first(s, text)
	if err == nil {
		return out, nil
	}
	if out, otherErr := second(s, text); otherErr == nil {
		return out, nil
	}
	return nil, err
}
