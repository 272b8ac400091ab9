package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"qgen-sidecar/dispatcher"
)

// client makes the i-th call and returns an error when its caller has no answer.
type client interface {
	call(ctx context.Context, i int) error
	close()
}

func open(o options, kind, cache string) (client, error) {
	switch kind {
	case "raw":
		return &raw{o: o, http: pooled(o)}, nil
	case "openai", "openai-retry":
		return newPlain(o, kind == "openai-retry"), nil
	case "qgen":
		return newOwn(o, cache)
	}
	return nil, fmt.Errorf("no client is called %q", kind)
}

// pooled keeps as many connections as there are callers: net/http's default of
// two would be measured instead of the client.
func pooled(o options) *http.Client {
	pool := http.DefaultTransport.(*http.Transport).Clone()
	pool.MaxIdleConns, pool.MaxIdleConnsPerHost = 0, o.callers+4
	return &http.Client{Transport: pool, Timeout: o.timeout}
}

func (o options) prompt(i int) string {
	const sentence = "Loss of a residence permit is reported within two weeks, in person. "
	return fmt.Sprintf("Question %d. %s", i, strings.Repeat(sentence, 1+o.bytes/len(sentence)))
}

// raw is net/http and encoding/json, and nothing else.
type raw struct {
	o    options
	http *http.Client
	n    atomic.Uint64
}

func (c *raw) call(ctx context.Context, i int) error {
	body, err := json.Marshal(map[string]any{"model": "m", "messages": []map[string]string{{"role": "user", "content": c.o.prompt(i)}}})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.base+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.o.keys[int(c.n.Add(1))%len(c.o.keys)])
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var reply struct {
		Choices []struct{ Message struct{ Content string } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		return err
	}
	io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK || len(reply.Choices) == 0 {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return nil
}

func (c *raw) close() { c.http.CloseIdleConnections() }

// plain is the loop that one writes by hand: go-openai clients in turn, and
// perhaps two more attempts with a pause that doubles.
type plain struct {
	o       options
	clients []*openai.Client
	http    *http.Client
	retries int
	n       atomic.Uint64
}

func newPlain(o options, retry bool) *plain {
	p := &plain{o: o, http: pooled(o)}
	for _, key := range o.keys {
		config := openai.DefaultConfig(key)
		config.BaseURL, config.HTTPClient = o.base, p.http
		p.clients = append(p.clients, openai.NewClientWithConfig(config))
	}
	if retry {
		p.retries = 2
	}
	return p
}

func (p *plain) call(ctx context.Context, i int) error {
	pause := 500 * time.Millisecond
	for attempt := 0; ; attempt++ {
		reply, err := p.clients[int(p.n.Add(1))%len(p.clients)].CreateChatCompletion(ctx, openai.ChatCompletionRequest{Model: "m",
			Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: p.o.prompt(i)}}})
		if err == nil && len(reply.Choices) == 0 {
			err = errors.New("no choices")
		}
		if err == nil || attempt == p.retries {
			return err
		}
		time.Sleep(pause)
		pause *= 2
	}
}

func (p *plain) close() { p.http.CloseIdleConnections() }

// own is the dispatcher.
type own struct {
	o options
	d *dispatcher.Dispatcher
}

func newOwn(o options, cache string) (*own, error) {
	config := dispatcher.Config{CachePath: cache}
	for i, key := range o.keys {
		config.Endpoints = append(config.Endpoints, dispatcher.Endpoint{Name: fmt.Sprint("key-", i), BaseURL: o.base,
			APIKey: key, RPM: o.rpm, MaxInFlight: max(32, o.callers), Timeout: o.timeout})
	}
	d, err := dispatcher.New(config)
	return &own{o, d}, err
}

func (c *own) call(ctx context.Context, i int) error {
	_, err := c.d.Chat(ctx, dispatcher.Request{Role: "task", Model: "m",
		Messages: []dispatcher.Message{{Role: "user", Content: c.o.prompt(i)}}})
	return err
}

func (c *own) close() { c.d.Close() }
