package lm

import (
	"fmt"
	"slices"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/clip"
)

// turns are the messages, or the prompt as the only one.
func turns(p api.LMCompleteParams) ([]dispatcher.Message, error) {
	if (p.Prompt == "") == (len(p.Messages) == 0) {
		found := "neither"
		if p.Prompt != "" {
			found = "both"
		}
		return nil, &api.ParamError{Param: "prompt", Expected: "exactly one of prompt and messages", Found: found}
	}
	if p.Prompt != "" {
		return []dispatcher.Message{{Role: "user", Content: p.Prompt}}, nil
	}
	for i, m := range p.Messages {
		if !slices.Contains([]string{"system", "developer", "user", "assistant", "tool"}, m.Role) {
			return nil, &api.ParamError{Param: fmt.Sprintf("messages[%d].role", i), Expected: "system, user or assistant", Found: clip.Runes(m.Role, 200)}
		}
	}
	return p.Messages, nil
}
