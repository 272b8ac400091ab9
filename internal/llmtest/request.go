package llmtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Message is one chat message; content given in parts is joined.
type Message struct {
	Role    string
	Content string
}

// Request is one request as the server understood it.
type Request struct {
	N              int    // from 1, in order of arrival
	Path           string // /v1/chat/completions, /v1/embeddings, /v1/models
	KeyHash        string // hex SHA-256 of the bearer key; "" without one
	Header         http.Header
	At             time.Time
	Model          string
	Messages       []Message
	ResponseFormat json.RawMessage
	Temperature    *float64 // nil: not sent
	MaxTokens      int      // max_tokens or max_completion_tokens
	Stream         bool
	Input          []string // of embeddings
	Body           []byte
	Malformed      string // why the body could not be used; "" it could
}

// Chat reports whether this asks for a chat completion.
func (r Request) Chat() bool { return strings.HasSuffix(r.Path, "/chat/completions") }

// Last is the content of the last message.
func (r Request) Last() string {
	if len(r.Messages) == 0 {
		return ""
	}
	return r.Messages[len(r.Messages)-1].Content
}

// System is the content of all system messages.
func (r Request) System() string {
	var parts []string
	for _, m := range r.Messages {
		if m.Role == "system" || m.Role == "developer" {
			parts = append(parts, m.Content)
		}
	}
	return strings.Join(parts, "\n")
}

// Demos are the assistant's turns: what demonstrations showed.
func (r Request) Demos() []string {
	var demos []string
	for _, m := range r.Messages {
		if m.Role == "assistant" {
			demos = append(demos, m.Content)
		}
	}
	return demos
}

// wireRequest is the union of the bodies we read.
type wireRequest struct {
	Model               string           `json:"model"`
	Messages            *[]wireMessage   `json:"messages"`
	ResponseFormat      json.RawMessage  `json:"response_format"`
	Temperature         *float64         `json:"temperature"`
	MaxTokens           int              `json:"max_tokens"`
	MaxCompletionTokens int              `json:"max_completion_tokens"`
	Stream              bool             `json:"stream"`
	Input               *json.RawMessage `json:"input"`
}

type wireMessage struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

func parseRequest(hr *http.Request, body []byte) Request {
	r := Request{Path: hr.URL.Path, Header: hr.Header.Clone(), At: time.Now(), Body: body}
	r.KeyHash = keyHash(hr)
	r.Header.Del("Authorization")
	if hr.Method != http.MethodPost {
		return r
	}
	var wire wireRequest
	if err := json.Unmarshal(body, &wire); err != nil {
		r.Malformed = "We could not parse the JSON body of your request: " + err.Error()
		return r
	}
	r.Model, r.ResponseFormat, r.Temperature = wire.Model, wire.ResponseFormat, wire.Temperature
	r.MaxTokens, r.Stream = max(wire.MaxTokens, wire.MaxCompletionTokens), wire.Stream
	r.readBody(wire)
	return r
}

func keyHash(hr *http.Request) string {
	if key, ok := strings.CutPrefix(hr.Header.Get("Authorization"), "Bearer "); ok {
		return hash(key)
	}
	return ""
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (r *Request) readBody(wire wireRequest) {
	switch {
	case wire.Model == "":
		r.Malformed = "you must provide a model parameter"
	case r.Chat() && (wire.Messages == nil || len(*wire.Messages) == 0):
		r.Malformed = "Missing required parameter: 'messages'"
	case r.Chat():
		for _, m := range *wire.Messages {
			r.Messages = append(r.Messages, Message{m.Role, contentText(m.Content)})
		}
	case wire.Input == nil:
		r.Malformed = "Missing required parameter: 'input'"
	default:
		if r.Input = inputTexts(*wire.Input); len(r.Input) == 0 {
			r.Malformed = "'input' must be a string or a list of strings"
		}
	}
}

// contentText reads a string or a list of {"type": "text", "text": …}.
func contentText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var parts []struct{ Text string }
	json.Unmarshal(raw, &parts)
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

func inputTexts(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var many []string
	json.Unmarshal(raw, &many)
	return many
}
