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
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/internal/loopback"
)

// door is an OpenAI-compatible listener on loopback, with a key of its own, so
// that other code runs on the same keys, limits, cache and accounts by changing
// its base_url.
type door struct {
	to       answerer
	roles    map[string]Role
	listener net.Listener
	server   *http.Server
	key      string
	hash     [sha256.Size]byte
}

// answerer is what the door opens to others.
type answerer interface {
	Chat(context.Context, Request) (Reply, error)
	Embed(context.Context, EmbedRequest) (EmbedReply, error)
	modelNames() []string // that endpoints have names of their own for
}

// maxDoorBody bounds a request to the door.
const maxDoorBody = 32 << 20

// openDoor listens until it is closed; calls end with life.
func openDoor(life context.Context, to answerer, listen string, roles map[string]Role) (*door, error) {
	listener, err := loopback.Listen(listen)
	if err != nil {
		return nil, fmt.Errorf("dispatcher.listen: %w", err)
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	o := &door{to: to, roles: roles, listener: listener, key: "qgen-" + base64.RawURLEncoding.EncodeToString(secret)}
	o.hash = sha256.Sum256([]byte(o.key))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", o.guard(o.chat))
	mux.HandleFunc("POST /v1/embeddings", o.guard(o.embed))
	mux.HandleFunc("GET /v1/models", o.guard(o.models))
	o.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return life }}
	go o.server.Serve(listener)
	return o, nil
}

func (o *door) close() { o.server.Close() }

// address is what the door's clients need.
func (o *door) address() *Door {
	return &Door{BaseURL: "http://" + o.listener.Addr().String() + "/v1", APIKey: o.key}
}

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

func (o *door) chat(w http.ResponseWriter, r *http.Request) {
	req, stream, err := readDoorChat(r.Body)
	if err != nil {
		doorError(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	}
	o.inRole(&req)
	reply, err := o.to.Chat(r.Context(), req)
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

// inRole puts a role's model and settings in the place of its name.
func (o *door) inRole(req *Request) {
	role, ok := o.roles[req.Model]
	if !ok {
		return
	}
	req.Role, req.Model, req.Endpoints = req.Model, role.Model, role.Endpoints
	if req.MaxTokens == 0 {
		req.MaxTokens = role.MaxTokens
	}
	if req.Temperature == nil {
		req.Temperature = role.Temperature
	}
}

func (o *door) embed(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Model          string          `json:"model"`
		Input          json.RawMessage `json:"input"`
		EncodingFormat string          `json:"encoding_format"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		doorError(w, http.StatusBadRequest, "invalid_request_error", "expected an embeddings request: "+jsonvalue.Fault(err))
		return
	}
	var texts []string
	var one string
	bad := json.Unmarshal(in.Input, &one)
	if bad == nil {
		texts = []string{one}
	} else {
		bad = json.Unmarshal(in.Input, &texts)
	}
	if bad != nil || in.Model == "" {
		doorError(w, http.StatusBadRequest, "invalid_request_error", "model must be set, input must be a string or a list of strings")
		return
	}
	req := EmbedRequest{Model: in.Model, Texts: texts, Job: "door"}
	if role, ok := o.roles[in.Model]; ok {
		req.Model, req.Endpoints = role.Model, role.Endpoints
	}
	reply, err := o.to.Embed(r.Context(), req)
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
	for name := range o.roles {
		names[name] = true
	}
	for _, ours := range o.to.modelNames() {
		names[ours] = true
	}
	data := []any{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
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
