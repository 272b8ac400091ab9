package dispatcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"qgen-sidecar/internal/jsonvalue"
)

// doorKnown are the fields of a chat completion that Request has a place for;
// rollout and fresh are ours.
var doorKnown = []string{"model", "messages", "max_tokens", "max_completion_tokens", "temperature",
	"response_format", "stream", "stream_options", "n", "rollout", "fresh"}

// doorRefused are fields whose answers would not fit into one text.
var doorRefused = []string{"tools", "functions", "tool_choice", "function_call", "logprobs", "top_logprobs", "audio", "modalities"}

type doorRequest struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	MaxTokens           int             `json:"max_tokens"`
	MaxCompletionTokens int             `json:"max_completion_tokens"`
	Temperature         *float64        `json:"temperature"`
	ResponseFormat      json.RawMessage `json:"response_format"`
	Stream              bool            `json:"stream"`
	N                   *int            `json:"n"`
	Rollout             int             `json:"rollout"`
	Fresh               bool            `json:"fresh"`
}

func readDoorChat(body io.Reader) (Request, bool, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return Request{}, false, fmt.Errorf("the body could not be read: %w", err)
	}
	var all map[string]json.RawMessage
	var in doorRequest
	if err := json.Unmarshal(raw, &all); err != nil {
		return Request{}, false, errors.New("expected a JSON object: " + jsonvalue.Fault(err))
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return Request{}, false, errors.New("expected a chat completion: " + jsonvalue.Fault(err))
	}
	if in.Model == "" || len(in.Messages) == 0 {
		return Request{}, false, errors.New("model and messages must be set")
	}
	if in.N != nil && *in.N != 1 {
		return Request{}, false, errors.New("n must be 1: ask again with another rollout for another draw")
	}
	req := Request{Role: "door", Model: in.Model, MaxTokens: max(in.MaxTokens, in.MaxCompletionTokens), Temperature: in.Temperature,
		ResponseFormat: notNull(in.ResponseFormat), Rollout: in.Rollout, Fresh: in.Fresh, Job: "door"}
	for i, m := range in.Messages {
		text, err := doorText(m.Content)
		if err != nil {
			return Request{}, false, fmt.Errorf("messages[%d]: %w", i, err)
		}
		req.Messages = append(req.Messages, Message{m.Role, text})
	}
	req.extra, err = doorExtra(all)
	return req, in.Stream, err
}

// doorExtra are the fields passed on as they are: seed, top_p, stop and so on.
func doorExtra(all map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	extra := map[string]json.RawMessage{}
	for name, value := range all {
		if notNull(value) == nil || slices.Contains(doorKnown, name) {
			continue
		}
		if slices.Contains(doorRefused, name) && !slices.Contains([]string{"false", "[]", `"none"`}, string(value)) {
			return nil, fmt.Errorf("%s is not supported here: the door answers with one text", name)
		}
		if !slices.Contains(doorRefused, name) {
			extra[name] = value
		}
	}
	return extra, nil
}

func notNull(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// doorText reads a string, or parts of type text.
func doorText(raw json.RawMessage) (string, error) {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var parts []struct{ Type, Text string }
	if err := json.Unmarshal(raw, &parts); err != nil {
		return "", errors.New("content must be a string or a list of text parts")
	}
	for _, p := range parts {
		if p.Type != "text" {
			return "", fmt.Errorf("content of type %q is not supported here, text is", p.Type)
		}
		text += p.Text
	}
	return text, nil
}
