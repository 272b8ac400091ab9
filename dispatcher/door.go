package dispatcher

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// door is an OpenAI-compatible listener on loopback, with a key of its own, so
// that other code runs on the same keys, limits, cache and accounts by changing
// its base_url.
type door struct {
	d        *Dispatcher
	listener net.Listener
	server   *http.Server
	key      string
	hash     [sha256.Size]byte
}

// maxDoorBody bounds a request to the door.
const maxDoorBody = 32 << 20

// Door is nil unless Config.Listen was set.
func (d *Dispatcher) Door() *Door {
	if d.door == nil {
		return nil
	}
	return &Door{BaseURL: "http://" + d.door.listener.Addr().String() + "/v1", APIKey: d.door.key}
}

func openDoor(d *Dispatcher, listen string) (*door, error) {
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("dispatcher.listen must be a loopback address and a port such as 127.0.0.1:0, not %q: the door is for this machine alone", listen)
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("dispatcher.listen: %w", err)
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	o := &door{d: d, listener: listener, key: "qgen-" + base64.RawURLEncoding.EncodeToString(secret)}
	o.hash = sha256.Sum256([]byte(o.key))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", o.guard(o.chat))
	mux.HandleFunc("POST /v1/embeddings", o.guard(o.embed))
	mux.HandleFunc("GET /v1/models", o.guard(o.models))
	o.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return d.life }}
	go o.server.Serve(listener)
	return o, nil
}

func (o *door) close() { o.server.Close() }

// guard checks the key in constant time.
func (o *door) guard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		given := sha256.Sum256([]byte(key))
		if subtle.ConstantTimeCompare(given[:], o.hash[:]) != 1 {
			doorError(w, http.StatusUnauthorized, "invalid_api_key", "the key of this door is told by initialize, in dispatcher.api_key")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxDoorBody)
		next(w, r)
	}
}

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

func (o *door) chat(w http.ResponseWriter, r *http.Request) {
	req, stream, err := readDoorChat(r.Body)
	if err != nil {
		doorError(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	}
	reply, err := o.d.Chat(r.Context(), req)
	if err != nil {
		doorFailure(w, err)
		return
	}
	if stream {
		streamReply(w, reply)
		return
	}
	writeDoor(w, http.StatusOK, map[string]any{"id": "chatcmpl-qgen", "object": "chat.completion", "created": time.Now().Unix(),
		"model": reply.Model, "usage": doorUsage(reply.Usage),
		"choices": []any{map[string]any{"index": 0, "finish_reason": finishOf(reply), "logprobs": nil,
			"message": map[string]any{"role": "assistant", "content": reply.Text}}}})
}

func readDoorChat(body io.Reader) (Request, bool, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return Request{}, false, fmt.Errorf("the body could not be read: %w", err)
	}
	var all map[string]json.RawMessage
	var in doorRequest
	if err := json.Unmarshal(raw, &all); err != nil {
		return Request{}, false, fmt.Errorf("expected a JSON object: %w", err)
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return Request{}, false, fmt.Errorf("expected a chat completion: %w", err)
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

func (o *door) embed(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Model          string          `json:"model"`
		Input          json.RawMessage `json:"input"`
		EncodingFormat string          `json:"encoding_format"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		doorError(w, http.StatusBadRequest, "invalid_request_error", "expected an embeddings request: "+err.Error())
		return
	}
	var texts []string
	var one string
	if json.Unmarshal(in.Input, &one) == nil {
		texts = []string{one}
	} else if json.Unmarshal(in.Input, &texts) != nil || in.Model == "" {
		doorError(w, http.StatusBadRequest, "invalid_request_error", "model must be set, input must be a string or a list of strings")
		return
	}
	reply, err := o.d.Embed(r.Context(), EmbedRequest{Model: in.Model, Texts: texts, Job: "door"})
	if err != nil {
		doorFailure(w, err)
		return
	}
	data := make([]any, len(reply.Vectors))
	for i, v := range reply.Vectors {
		var vector any = v
		if in.EncodingFormat == "base64" {
			vector = packVector(v)
		}
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": vector}
	}
	writeDoor(w, http.StatusOK, map[string]any{"object": "list", "model": in.Model, "data": data, "usage": doorUsage(reply.Usage)})
}

// models lists the names that the config gives; endpoints have more.
func (o *door) models(w http.ResponseWriter, _ *http.Request) {
	names := map[string]bool{}
	for _, e := range o.d.scheduler.snapshot() {
		for ours := range e.config.Models {
			names[ours] = true
		}
	}
	data := []any{}
	for name := range names {
		data = append(data, map[string]any{"id": name, "object": "model", "created": 0, "owned_by": "qgen-sidecar"})
	}
	writeDoor(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

func finishOf(r Reply) string {
	if r.FinishReason == "" {
		return "stop"
	}
	return r.FinishReason
}

func doorUsage(u Usage) map[string]any {
	return map[string]any{"prompt_tokens": u.PromptTokens, "completion_tokens": u.CompletionTokens,
		"total_tokens": u.PromptTokens + u.CompletionTokens}
}

// streamReply sends the whole text as one chunk: clients that stream get their
// shape, though not their hurry.
func streamReply(w http.ResponseWriter, reply Reply) {
	w.Header().Set("Content-Type", "text/event-stream")
	chunk := func(delta map[string]any, finish any) {
		raw, _ := json.Marshal(map[string]any{"id": "chatcmpl-qgen", "object": "chat.completion.chunk", "created": time.Now().Unix(),
			"model": reply.Model, "choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}})
		fmt.Fprintf(w, "data: %s\n\n", raw)
	}
	chunk(map[string]any{"role": "assistant", "content": reply.Text}, nil)
	chunk(map[string]any{}, finishOf(reply))
	io.WriteString(w, "data: [DONE]\n\n")
}

// doorFailure maps our errors to statuses. None of them is a 429: limits are
// waited for in here.
func doorFailure(w http.ResponseWriter, err error) {
	var reply *ReplyError
	var budget *BudgetError
	switch {
	case errors.As(err, &reply):
		doorError(w, http.StatusBadGateway, "unusable_reply", err.Error())
	case errors.As(err, &budget):
		doorError(w, http.StatusPaymentRequired, "budget_spent", err.Error())
	case errors.Is(err, context.Canceled):
		return // nobody is there to read it
	default:
		doorError(w, http.StatusServiceUnavailable, "no_endpoint", err.Error())
	}
}

func doorError(w http.ResponseWriter, status int, code, message string) {
	writeDoor(w, status, map[string]any{"error": map[string]any{"message": message, "type": code, "param": nil, "code": code}})
}

func writeDoor(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	if status != http.StatusOK {
		// OpenAI's clients then do not repeat what was repeated in here.
		w.Header().Set("x-should-retry", "false")
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
