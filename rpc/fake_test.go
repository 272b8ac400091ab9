package rpc_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/config"
	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/wire"
)

// fake is a Service of functions; methods without one must not be called.
type fake struct {
	rpc.Service
	cfg      *config.Config
	host     engine.Host
	closed   chan struct{}
	open     func(context.Context) (*api.StoreInfo, error)
	lm       func(context.Context, api.LMCompleteParams) (*api.LMCompleteResult, error)
	gen      func(context.Context, api.GenerateParams) (*api.GenerateResult, error)
	fetch    func(context.Context, api.FetchParams) (*api.FetchResult, error)
	persona  func(context.Context, api.ChoosePersonaParams) (*api.PersonaResult, error)
	store    *api.StoreInfo
	storeErr error
}

func (f *fake) Open(ctx context.Context) (*api.StoreInfo, error) {
	if f.open != nil {
		return f.open(ctx)
	}
	return nil, nil
}
func (f *fake) StoreInfo(context.Context) (*api.StoreInfo, error) { return f.store, f.storeErr }
func (f *fake) Config() *config.Config                            { return f.cfg }
func (f *fake) Dispatcher() *dispatcher.Dispatcher                { return nil }
func (f *fake) Close() error                                      { close(f.closed); return nil }
func (f *fake) LMComplete(ctx context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
	return f.lm(ctx, p)
}
func (f *fake) Generate(ctx context.Context, p api.GenerateParams) (*api.GenerateResult, error) {
	return f.gen(ctx, p)
}
func (f *fake) Fetch(ctx context.Context, p api.FetchParams) (*api.FetchResult, error) {
	return f.fetch(ctx, p)
}
func (f *fake) ChoosePersona(ctx context.Context, p api.ChoosePersonaParams) (*api.PersonaResult, error) {
	return f.persona(ctx, p)
}

// echo answers lm-complete with its prompt.
func echo(_ context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
	if p.Prompt == "panic" {
		panic("boom")
	}
	return &api.LMCompleteResult{Text: p.Prompt}, nil
}

// hang answers when its call is cancelled.
func hang(ctx context.Context, _ api.GenerateParams) (*api.GenerateResult, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("asking the model: %w", ctx.Err())
}

// host is the other side of a session in this process.
type host struct {
	t      *testing.T
	in     *io.PipeWriter
	out    *bufio.Reader
	outEnd *io.PipeReader
	fake   *fake
	ended  chan string
	stop   context.CancelFunc
}

// start opens a session on f over two pipes.
func start(t *testing.T, f *fake, o rpc.Options, po wire.PipeOptions) *host {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	f.closed = make(chan struct{})
	o.NewService = func(cfg *config.Config, eo engine.Options) (rpc.Service, error) {
		// The files' place differs from run to run.
		cfg.Files = config.Files{RawChunks: "/w/raw_chunks.jsonl", Gold: "/w/gold_dataset.json", Program: "/w/optimized_pipeline.json"}
		f.cfg, f.host = cfg, eo.Host
		return f, nil
	}
	ctx, stop := context.WithCancel(context.Background())
	h := &host{t: t, in: inW, outEnd: outR, out: bufio.NewReader(outR), fake: f, ended: make(chan string, 1), stop: stop}
	go func() { h.ended <- rpc.Serve(ctx, wire.NewPipe(inR, outW, po), o) }()
	t.Cleanup(func() { stop(); inW.Close(); outR.Close(); inR.Close() })
	return h
}

// ready is start with initialize done.
func ready(t *testing.T, f *fake, capabilities string) *host {
	t.Helper()
	h := start(t, f, rpc.Options{}, wire.PipeOptions{})
	h.send(`{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocol_version":"1.0","capabilities":` + capabilities + `}}`)
	if m := h.recv(); m.Error != nil {
		t.Fatalf("initialize: %+v", m.Error)
	}
	return h
}

func (h *host) send(lines ...string) {
	h.t.Helper()
	if _, err := io.WriteString(h.in, strings.Join(lines, "\n")+"\n"); err != nil {
		h.t.Fatalf("send: %v", err)
	}
}

// call sends a request.
func (h *host) call(id, method, params string) {
	h.t.Helper()
	h.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params))
}

// reply is a message from the sidecar.
type reply struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int            `json:"code"`
		Message string         `json:"message"`
		Data    map[string]any `json:"data"`
	} `json:"error"`
}

func (r reply) code() int {
	if r.Error == nil {
		return 0
	}
	return r.Error.Code
}

func (h *host) recvRaw() (string, error) {
	line, err := h.out.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err
}

func (h *host) recv() reply {
	h.t.Helper()
	line, err := h.recvRaw()
	if err != nil {
		h.t.Fatalf("the sidecar said nothing more: %v", err)
	}
	var r reply
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		h.t.Fatalf("not a message: %s", line)
	}
	return r
}

// recvAll reads n messages, by id.
func (h *host) recvAll(n int) map[string]reply {
	h.t.Helper()
	out := map[string]reply{}
	for range n {
		r := h.recv()
		out[string(r.ID)] = r
	}
	return out
}

// end waits for the session's end and that the Service was closed.
func (h *host) end() string {
	h.t.Helper()
	select {
	case reason := <-h.ended:
		select {
		case <-h.fake.closed:
		default:
			if h.fake.cfg != nil {
				h.t.Error("the session ended with the Service open")
			}
		}
		return reason
	case <-time.After(30 * time.Second):
		h.t.Fatal("the session does not end")
		return ""
	}
}
