package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"

	"qgen-sidecar/internal/jsonscan"
	"qgen-sidecar/internal/jsonvalue"
)

// encode is json.Marshal without HTML's escapes: <, > and & in texts stay as
// they are. What a host could not read is an error: it would cost the host its
// connection, with all other calls on it.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	body := bytes.TrimRight(buf.Bytes(), "\n")
	if _, found := jsonvalue.Unsound(body, jsonscan.MaxDepth-envelope); found != "" {
		return nil, fmt.Errorf("the answer cannot be sent, as it holds %s", found)
	}
	return body, nil
}

// envelope is how deep a result or parameters lie in their message, generously.
const envelope = 8
