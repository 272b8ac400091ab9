package rpc

import (
	"fmt"

	"qgen-sidecar/internal/jsonscan"
	"qgen-sidecar/internal/jsonvalue"
)

// encode is [jsonvalue.Marshal], but what a host could not read is an error: it would
// cost the host its connection, with all other calls on it.
func encode(v any) ([]byte, error) {
	body, err := jsonvalue.Marshal(v)
	if err != nil {
		return nil, err
	}
	if _, found := jsonvalue.Unsound(body, jsonscan.MaxDepth-envelope); found != "" {
		return nil, fmt.Errorf("the answer cannot be sent, as it holds %s", found)
	}
	return body, nil
}

// envelope is how deep a result or parameters lie in their message, generously.
const envelope = 8
