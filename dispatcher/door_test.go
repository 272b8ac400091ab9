//lint:file-ignore SA1019 callers of the door still send max_tokens

package dispatcher_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/internal/llmtest"
)

func TestDoorSpeaksOpenAI(t *testing.T) {
	s := llmtest.New(t)
	e := endpoint("a", s, "upstream-key")
	e.Models = map[string]string{"ours": "theirs"}
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{e}, Listen: "127.0.0.1:0", CachePath: t.TempDir()})
	door := d.Door()
	cfg := openai.DefaultConfig(door.APIKey)
	cfg.BaseURL = door.BaseURL
	client := openai.NewClientWithConfig(cfg)
	seed := 3
	req := openai.ChatCompletionRequest{Model: "ours", Seed: &seed, MaxTokens: 20, TopP: 0.5,
		Messages: []openai.ChatCompletionMessage{{Role: "user", Content: "What is 2+2?"}}}
	for range 2 {
		reply, err := client.CreateChatCompletion(t.Context(), req)
		if err != nil || reply.Choices[0].Message.Content != "4" || reply.Model != "theirs" {
			t.Fatalf("reply %+v, error %v", reply, err)
		}
	}
	if s.Count() != 1 || !bytes.Contains(s.Requests()[0].Body, []byte(`"seed":3`)) || !bytes.Contains(s.Requests()[0].Body, []byte(`"top_p":0.5`)) {
		t.Errorf("%d requests, the first %s", s.Count(), s.Requests()[0].Body)
	}
	stream, err := client.CreateChatCompletionStream(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var text string
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text += part.Choices[0].Delta.Content
	}
	if text != "4" {
		t.Errorf("streamed %q", text)
	}
	vectors, err := client.CreateEmbeddings(t.Context(), openai.EmbeddingRequest{Model: "e", Input: []string{"one", "two"}, EncodingFormat: "base64"})
	if err != nil || len(vectors.Data) != 2 || len(vectors.Data[1].Embedding) != llmtest.Dimension {
		t.Errorf("vectors %+v, error %v", vectors, err)
	}
	if models, err := client.ListModels(t.Context()); err != nil || len(models.Models) != 1 || models.Models[0].ID != "ours" {
		t.Errorf("models %+v, error %v", models, err)
	}
}

// A role's name stands for its model, endpoints and settings.
func TestDoorKnowsRoles(t *testing.T) {
	a, b := llmtest.New(t), llmtest.New(t)
	cool := 0.25
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", a, ""), endpoint("b", b, "")}, Listen: "127.0.0.1:0",
		Roles: map[string]dispatcher.Role{
			"judge": {Model: "strict", Endpoints: []string{"b"}, MaxTokens: 77, Temperature: &cool},
			"embed": {Model: "small", Endpoints: []string{"a"}},
		}})
	cfg := openai.DefaultConfig(d.Door().APIKey)
	cfg.BaseURL = d.Door().BaseURL
	client := openai.NewClientWithConfig(cfg)
	for i, asked := range []openai.ChatCompletionRequest{{}, {MaxTokens: 5, Temperature: 0.5}} {
		asked.Model, asked.Messages = "judge", []openai.ChatCompletionMessage{{Role: "user", Content: "hello"}}
		if _, err := client.CreateChatCompletion(t.Context(), asked); err != nil {
			t.Fatal(err)
		}
		got, want := b.Chats()[i], []float64{77, 0.25}
		if i == 1 {
			want = []float64{5, 0.5}
		}
		if got.Model != "strict" || float64(got.MaxTokens) != want[0] || *got.Temperature != want[1] {
			t.Errorf("sent %s", got.Body)
		}
	}
	if _, err := client.CreateEmbeddings(t.Context(), openai.EmbeddingRequest{Model: "embed", Input: "text"}); err != nil || a.Requests()[0].Model != "small" {
		t.Errorf("embeddings: error %v, sent %+v", err, a.Requests())
	}
	if models, err := client.ListModels(t.Context()); err != nil || len(models.Models) != 2 || models.Models[0].ID != "embed" {
		t.Errorf("models %+v, error %v", models, err)
	}
}

func TestDoorRefuses(t *testing.T) {
	s := llmtest.New(t)
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "upstream-key")}, Listen: "127.0.0.1:0"})
	door := d.Door()
	path := "/chat/completions"
	post := func(key, body string) (int, string) {
		req, _ := http.NewRequestWithContext(context.Background(), "POST", door.BaseURL+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(raw)
	}
	good := `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}]`
	for name, c := range map[string]struct {
		key, body string
		status    int
		says      string
	}{
		"no key":      {"", good + "}", 401, "api_key"},
		"wrong key":   {"upstream-key", good + "}", 401, "api_key"},
		"text parts":  {door.APIKey, good + `,"tools":null,"stream":false}`, 200, "hello"},
		"tools":       {door.APIKey, good + `,"tools":[{}]}`, 400, "tools"},
		"n":           {door.APIKey, good + `,"n":2}`, 400, "rollout"},
		"no messages": {door.APIKey, `{"model":"m"}`, 400, "messages"},
		"no JSON":     {door.APIKey, `nonsense`, 400, "JSON"},
		"image":       {door.APIKey, `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]}`, 400, "messages[0]"},
	} {
		if status, body := post(c.key, c.body); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	path = "/embeddings"
	for _, input := range []string{`"one"`, `["one"]`} {
		if status, body := post(door.APIKey, `{"input":`+input+`}`); status != 400 || !strings.Contains(body, "model must be set") {
			t.Errorf("no model for %s: %d %s", input, status, body)
		}
	}
	path = "/chat/completions"
	s.SetKey("another")
	if status, body := post(door.APIKey, `{"model":"m","messages":[{"role":"user","content":"new"}]}`); status != 503 || strings.Contains(body, "upstream-key") {
		t.Errorf("no endpoint: %d %s", status, body)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestDoorIsForLoopbackAlone(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":0", "localhost", "192.0.2.1:80"} {
		if _, err := dispatcher.New(dispatcher.Config{Listen: listen}); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%s: error %v", listen, err)
		}
	}
}
