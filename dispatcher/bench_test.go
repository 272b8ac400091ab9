package dispatcher

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// instant is a transport that answers from memory, so that what is left is the
// client.
type instant struct{}

var instantReply = []byte(`{"id":"c","object":"chat.completion","created":0,"model":"m","choices":[{"index":0,"finish_reason":"stop",` +
	`"message":{"role":"assistant","content":"An answer of some words."}}],"usage":{"prompt_tokens":70,"completion_tokens":6,"total_tokens":76}}`)

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	io.Copy(io.Discard, r.Body)
	r.Body.Close()
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(instantReply)), Request: r}, nil
}

func benchQuestion(i int) string {
	return fmt.Sprintf("Question %d. %s", i, strings.Repeat("Loss of a residence permit is reported within two weeks. ", 4))
}

// What a call costs without the network, beside go-openai alone.
func BenchmarkCall(b *testing.B) {
	b.Run("go-openai", func(b *testing.B) {
		config := openai.DefaultConfig("k")
		config.BaseURL, config.HTTPClient = "http://127.0.0.1:1/v1", &http.Client{Transport: instant{}, Timeout: time.Minute}
		client := openai.NewClientWithConfig(config)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			reply, err := client.CreateChatCompletion(context.Background(), openai.ChatCompletionRequest{Model: "m",
				Messages: []openai.ChatCompletionMessage{{Role: "user", Content: benchQuestion(i)}}})
			if err != nil || len(reply.Choices) != 1 {
				b.Fatal(err)
			}
		}
	})
	for _, name := range []string{"dispatcher", "dispatcher and cache"} {
		b.Run(name, func(b *testing.B) {
			cfg := Config{}
			if name != "dispatcher" {
				cfg.CachePath = b.TempDir()
			}
			for i := range 4 {
				cfg.Endpoints = append(cfg.Endpoints, Endpoint{Name: fmt.Sprint("key-", i), BaseURL: "http://127.0.0.1:1/v1", APIKey: fmt.Sprint("k", i)})
			}
			d, err := New(cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer d.Close()
			for _, e := range d.scheduler.Endpoints() {
				e.Value.(*endpoint).backend.(remote).Over(instant{})
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := d.Chat(context.Background(), Request{Role: "task", Model: "m",
					Messages: []Message{{"user", benchQuestion(i)}}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
