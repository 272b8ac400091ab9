package dispatcher_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/internal/llmtest"
)

func TestCacheOutlivesTheDispatcher(t *testing.T) {
	s := llmtest.New(t)
	cfg := dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "first-key")}, CachePath: filepath.Join(t.TempDir(), "cache")}
	first, err := open(t, cfg).Chat(t.Context(), ask("hello"))
	if err != nil {
		t.Fatal(err)
	}
	// Another process, another key for the same address.
	cfg.Endpoints = []dispatcher.Endpoint{endpoint("z", llmtest.New(t), ""), endpoint("b", s, "second-key")}
	d := open(t, cfg)
	ctx, account := dispatcher.WithAccount(t.Context(), dispatcher.Budget{})
	again, err := d.Chat(ctx, ask("hello"))
	if err != nil || !again.Cached || again.Text != first.Text || again.Endpoint != "b" || again.FinishReason != "stop" || again.Model != "m" {
		t.Errorf("reply %+v, error %v", again, err)
	}
	if u := account.Usage(); u.Calls != 0 || u.Cached != 1 || u.PromptTokens != 0 || u.USD == nil || *u.USD != 0 {
		t.Errorf("usage %+v", u)
	}
	if s.Count() != 1 {
		t.Errorf("%d requests, want 1", s.Count())
	}
}

func TestWhatMakesAnotherRequest(t *testing.T) {
	s := llmtest.New(t)
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}, CachePath: t.TempDir()})
	hot := 0.7
	for name, change := range map[string]func(*dispatcher.Request){
		"same":            func(*dispatcher.Request) {},
		"text":            func(r *dispatcher.Request) { r.Messages = ask("other").Messages },
		"model":           func(r *dispatcher.Request) { r.Model = "n" },
		"temperature":     func(r *dispatcher.Request) { r.Temperature = &hot },
		"max_tokens":      func(r *dispatcher.Request) { r.MaxTokens = 7 },
		"response_format": func(r *dispatcher.Request) { r.ResponseFormat = []byte(`{"type":"text"}`) },
		"rollout":         func(r *dispatcher.Request) { r.Rollout = 1 },
		"fresh":           func(r *dispatcher.Request) { r.Fresh = true },
	} {
		if _, err := d.Chat(t.Context(), ask("hello")); err != nil {
			t.Fatal(err)
		}
		before := s.Count()
		req := ask("hello")
		req.Priority, req.Job, req.Trace = dispatcher.Batch, "j", "t"
		change(&req)
		reply, err := d.Chat(t.Context(), req)
		if sent := s.Count() - before; err != nil || (sent == 0) != (name == "same") || reply.Cached != (name == "same") {
			t.Errorf("%s: %d requests sent, reply %+v, error %v", name, sent, reply, err)
		}
	}
}

func TestDamagedCacheIsAMiss(t *testing.T) {
	s := llmtest.New(t)
	dir := t.TempDir()
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "cached-key-1")}, CachePath: dir})
	for i, damage := range []string{"", "{\"key\":", `{"key":"other","text":"not mine"}`, "\x00\x00"} {
		if _, err := d.Chat(t.Context(), ask("hello")); err != nil {
			t.Fatal(err)
		}
		for _, file := range files(t, dir) {
			if err := os.WriteFile(file, []byte(damage), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if reply, err := d.Chat(t.Context(), ask("hello")); err != nil || reply.Cached || s.Count() != i+2 {
			t.Errorf("damage %q: reply %+v, error %v", damage, reply, err)
		}
	}
}

func TestCacheIsTheOwnersAloneAndHoldsNoKey(t *testing.T) {
	s := llmtest.New(t)
	dir := filepath.Join(t.TempDir(), "deep", "cache")
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "cached-key-1")}, CachePath: dir})
	if _, err := d.Chat(t.Context(), ask("hello")); err != nil {
		t.Fatal(err)
	}
	filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		info, _ := e.Info()
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		if raw, _ := os.ReadFile(name); strings.Contains(string(raw), "cached-key-1") {
			t.Errorf("%s holds the key", name)
		}
		return nil
	})
}

func TestCacheIsBounded(t *testing.T) {
	s := llmtest.New(t)
	s.Handle(func(r llmtest.Request) string { return strings.Repeat("x", 60<<10) })
	dir := t.TempDir()
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}, CachePath: dir, CacheMaxMB: 1})
	for i := range 60 {
		if _, err := d.Chat(t.Context(), ask(fmt.Sprint("question ", i))); err != nil {
			t.Fatal(err)
		}
	}
	d.Close() // waits for the sweep
	var total int64
	for _, f := range files(t, dir) {
		info, _ := os.Stat(f)
		total += info.Size()
	}
	if total > 2<<20 || total == 0 {
		t.Errorf("%d bytes of 1 MB in the cache", total)
	}
}

func TestEqualCallsInFlightShareOne(t *testing.T) {
	s := llmtest.New(t)
	release := make(chan struct{})
	s.Handle(func(llmtest.Request) string { <-release; return "shared" })
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}})
	leader, leave := context.WithCancel(t.Context())
	ctx, account := dispatcher.WithAccount(t.Context(), dispatcher.Budget{})
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := d.Chat(leader, ask("hello")); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that left got %v", err)
		}
	})
	for s.Count() == 0 {
		time.Sleep(time.Millisecond)
	}
	started := make(chan struct{}, 20)
	for range 20 {
		group.Go(func() {
			started <- struct{}{}
			reply, err := d.Chat(ctx, ask("hello"))
			if err != nil || reply.Text != "shared" {
				t.Errorf("reply %+v, error %v", reply, err)
			}
		})
	}
	for range 20 {
		<-started
	}
	time.Sleep(20 * time.Millisecond) // until they wait
	leave()
	close(release)
	group.Wait()
	if s.Count() != 1 || account.Usage().Cached != 20 || account.Usage().Calls != 0 {
		t.Errorf("%d requests, usage of the 20 that joined %+v", s.Count(), account.Usage())
	}
}

func TestBudgetStopsExactly(t *testing.T) {
	price := 1000.0
	for name, c := range map[string]struct {
		budget dispatcher.Budget
		most   int
	}{
		"calls":  {dispatcher.Budget{MaxCalls: 7}, 7},
		"tokens": {dispatcher.Budget{MaxTokens: 100}, 15}, // a call is 3 + 4; the last may overdraw
		"usd":    {dispatcher.Budget{MaxUSD: 0.05}, 8},    // a call is 0.007
	} {
		t.Run(name, func(t *testing.T) {
			s := llmtest.New(t)
			s.Handle(func(llmtest.Request) string { return "four tokens here" })
			e := endpoint("a", s, "")
			e.USDPerMTokIn, e.USDPerMTokOut = &price, &price
			d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{e}})
			outer, whole := dispatcher.WithAccount(t.Context(), dispatcher.Budget{})
			ctx, account := dispatcher.WithAccount(outer, c.budget)
			var ok, refused atomic.Int32
			var group sync.WaitGroup
			for i := range 40 {
				group.Go(func() {
					req := ask(fmt.Sprint("question ", i))
					req.MaxTokens = 4
					_, err := d.Chat(ctx, req)
					var spent *dispatcher.BudgetError
					switch {
					case err == nil:
						ok.Add(1)
					case errors.As(err, &spent) && spent.Budget == c.budget && spent.Usage.Calls > 0:
						refused.Add(1)
					default:
						t.Errorf("error %v", err)
					}
				})
			}
			group.Wait()
			if n := int(ok.Load()); n == 0 || n > c.most || s.Count() != n || n+int(refused.Load()) != 40 {
				t.Errorf("%d answered of at most %d, %d refused, %d sent", n, c.most, refused.Load(), s.Count())
			}
			if a, w := account.Usage(), whole.Usage(); a.Calls != s.Count() || w.Calls != a.Calls || w.PromptTokens != a.PromptTokens {
				t.Errorf("account %+v, the one around it %+v", a, w)
			}
		})
	}
}

// What is known can be had for nothing, and what is not is not asked for.
func TestOnlyCachedAsksNobody(t *testing.T) {
	s := llmtest.New(t)
	d := open(t, dispatcher.Config{CachePath: t.TempDir(), Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}})
	known := dispatcher.OnlyCached(t.Context())
	if _, err := d.Chat(known, ask("hello")); !errors.Is(err, dispatcher.ErrNotCached) {
		t.Errorf("a reply of nobody: %v", err)
	}
	want, err := d.Chat(t.Context(), ask("hello"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, account := dispatcher.WithAccount(known, dispatcher.Budget{})
	got, err := d.Chat(ctx, ask("hello"))
	if err != nil || got.Text != want.Text || !got.Cached || account.Usage().Cached != 1 {
		t.Errorf("expected %q from the cache, found %+v, %v, %+v", want.Text, got, err, account.Usage())
	}
	afresh := ask("hello")
	afresh.Fresh = true
	if _, err := d.Chat(known, afresh); !errors.Is(err, dispatcher.ErrNotCached) {
		t.Errorf("what is wanted afresh is not known: %v", err)
	}
	if s.Count() != 1 {
		t.Errorf("%d requests were sent", s.Count())
	}
}

func TestCapacityIsOfTheEndpointsNamed(t *testing.T) {
	s := llmtest.New(t)
	a, b, c := endpoint("a", s, ""), endpoint("b", s, ""), endpoint("c", s, "")
	a.MaxInFlight, b.MaxInFlight = 3, 5
	d := open(t, dispatcher.Config{Endpoints: []dispatcher.Endpoint{a, b, c}})
	for want, names := range map[int][][]string{0: nil, 3: {{"a"}}, 8: {{"a"}, {"b", "a"}}, 40: {{"b"}, nil}} {
		if got := d.Capacity(names...); got != want {
			t.Errorf("%v: expected %d, found %d", names, want, got)
		}
	}
}

func TestVectorsAreKeptByText(t *testing.T) {
	s := llmtest.New(t)
	cfg := dispatcher.Config{Endpoints: []dispatcher.Endpoint{endpoint("a", s, "")}, CachePath: t.TempDir()}
	d := open(t, cfg)
	d.SetHost(func(context.Context, dispatcher.Request, string) (dispatcher.HostReply, error) {
		t.Error("the host's function was asked for vectors")
		return dispatcher.HostReply{}, nil
	})
	var texts []string
	for i := range 150 {
		texts = append(texts, fmt.Sprint("text number ", i))
	}
	texts = append(texts, texts[0], "")
	reply, err := d.Embed(t.Context(), dispatcher.EmbedRequest{Model: "e", Texts: texts})
	if err != nil || len(reply.Vectors) != 152 || reply.Usage.Calls != 3 || reply.Usage.PromptTokens == 0 {
		t.Fatalf("%d vectors, usage %+v, error %v", len(reply.Vectors), reply.Usage, err)
	}
	for i, text := range texts {
		if fmt.Sprint(reply.Vectors[i]) != fmt.Sprint(llmtest.Embed(text)) {
			t.Fatalf("text %d has another's vector", i)
		}
	}
	before := s.Count()
	again, err := open(t, cfg).Embed(t.Context(), dispatcher.EmbedRequest{Model: "e", Texts: []string{"new", texts[7]}})
	if err != nil || again.Usage.Calls != 1 || s.Count() != before+1 || len(s.Requests()[before].Input) != 1 {
		t.Errorf("usage %+v, error %v; want one request with the new text alone", again.Usage, err)
	}
	if fmt.Sprint(again.Vectors[1]) != fmt.Sprint(reply.Vectors[7]) {
		t.Error("the kept vector is another")
	}
}

func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, name)
		}
		return nil
	})
	if len(out) == 0 {
		t.Fatal("the cache is empty")
	}
	return out
}
