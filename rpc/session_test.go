package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/qdrantlock"
	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/wire"
)

const initLine = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocol_version":"1.0"}}`

// A failed initialize may be tried again, and the Service that could not open
// its store is closed.
func TestInitializeAgain(t *testing.T) {
	tries := 0
	f := &fake{open: func(context.Context) (*api.StoreInfo, error) {
		if tries++; tries == 1 {
			return nil, &qdrantlock.LockedError{Path: "/w/db", HolderPID: 77}
		}
		return &api.StoreInfo{Mode: qdrantlock.ModeFolder, Path: "/w/db"}, nil
	}}
	h := start(t, f, rpc.Options{}, wire.PipeOptions{})
	h.send(initLine)
	r := h.recv()
	if r.code() != rpc.CodeLocked || r.Error.Data["holder_pid"] != 77.0 || r.Error.Data["path"] != "/w/db" {
		t.Errorf("a locked store: %+v", r.Error)
	}
	select {
	case <-f.closed:
		f.closed = make(chan struct{})
	default:
		t.Error("the Service of the failed initialize is open")
	}
	h.send(initLine)
	if r := h.recv(); r.code() != 0 {
		t.Errorf("the second try: %+v", r.Error)
	}
	h.send(`{"jsonrpc":"2.0","method":"exit"}`)
	if reason := h.end(); reason != "exit" {
		t.Errorf("ended with %q", reason)
	}
}

// Requests that arrive while initialize runs wait for it.
func TestRequestsWaitForInitialize(t *testing.T) {
	opening := make(chan struct{})
	f := &fake{lm: echo, open: func(context.Context) (*api.StoreInfo, error) { <-opening; return nil, nil }}
	h := start(t, f, rpc.Options{}, wire.PipeOptions{})
	h.send(initLine)
	h.call("1", "lm-complete", `{"prompt":"early"}`)
	h.call("2", "initialize", `{"protocol_version":"1.0"}`)
	h.call("3", "lm-complete", `{"prompt":"cancelled"}`)
	h.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}`)
	if r := h.recv(); string(r.ID) != "3" || r.code() != rpc.CodeCancelled {
		t.Errorf("a cancelled waiting call: %s %+v", r.ID, r.Error)
	}
	close(opening)
	got := h.recvAll(3)
	if got["0"].code() != 0 || !strings.Contains(string(got["1"].Result), "early") || got["2"].code() != -32600 {
		t.Errorf("got %+v", got)
	}
}

func TestCancel(t *testing.T) {
	h := ready(t, &fake{gen: hang, lm: echo}, `{}`)
	h.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}}`, `{"jsonrpc":"2.0","method":"$/cancelRequest"}`, `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{}}}`)
	h.call(`"a"`, "generate", `{"chunk_text":"x"}`)
	h.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"\u0061"}}`)
	if r := h.recv(); string(r.ID) != `"a"` || r.code() != rpc.CodeCancelled {
		t.Errorf("got %s %+v", r.ID, r.Error)
	}
	h.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"a"}}`)
	h.call("5", "lm-complete", `{"prompt":"on"}`)
	if r := h.recv(); string(r.ID) != "5" {
		t.Errorf("after the end, got %+v", r)
	}
}

// One call more than allowed is refused at once; a callback that waits for the
// host lets the host's own call in.
func TestOverload(t *testing.T) {
	f := &fake{gen: hang, lm: echo}
	f.persona = func(ctx context.Context, p api.ChoosePersonaParams) (*api.PersonaResult, error) {
		return f.host.ChoosePersona(ctx, p.ChunkText, api.NewChunkID(7), "")
	}
	h := start(t, f, rpc.Options{MaxInFlight: 3}, wire.PipeOptions{})
	h.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocol_version":"1.0","capabilities":{"choose_persona":true}}}`)
	h.recv()
	h.call("1", "generate", `{"chunk_text":"x"}`)
	h.call("2", "generate", `{"chunk_text":"x"}`)
	h.call("3", "choose-persona", `{"chunk_text":"x"}`)
	asked := h.recv()
	if asked.Method != "choose-persona" || string(asked.Params) != `{"chunk_id":7,"chunk_text":"x"}` {
		t.Fatalf("got %+v", asked)
	}
	h.call("4", "lm-complete", `{"prompt":"from the callback"}`)
	if r := h.recv(); string(r.ID) != "4" || r.code() != 0 {
		t.Errorf("the callback's own call: %s %+v", r.ID, r.Error)
	}
	h.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"persona_description":"a nurse"}}`, asked.ID))
	if r := h.recv(); string(r.ID) != "3" || !strings.Contains(string(r.Result), "a nurse") {
		t.Errorf("got %s %s", r.ID, r.Result)
	}
	h.call("5", "generate", `{"chunk_text":"x"}`)
	h.call("6", "lm-complete", `{}`)
	if r := h.recv(); string(r.ID) != "6" || r.code() != rpc.CodeOverloaded {
		t.Errorf("beyond the limit: %s %+v", r.ID, r.Error)
	}
}

// Every one of 10,000 calls is answered.
func TestTenThousandCalls(t *testing.T) {
	release := make(chan struct{})
	f := &fake{lm: func(ctx context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
		<-release
		return &api.LMCompleteResult{}, nil
	}}
	h := ready(t, f, `{}`)
	const n = 10_000
	go func() {
		for i := range n {
			fmt.Fprintf(h.in, `{"jsonrpc":"2.0","id":%d,"method":"lm-complete"}`+"\n", i)
		}
	}()
	refused := 0
	for range n - rpc.DefaultMaxInFlight {
		if r := h.recv(); r.code() == rpc.CodeOverloaded {
			refused++
		}
	}
	if refused != n-rpc.DefaultMaxInFlight {
		t.Errorf("%d refused, want %d", refused, n-rpc.DefaultMaxInFlight)
	}
	close(release)
	if got := h.recvAll(rpc.DefaultMaxInFlight); len(got) != rpc.DefaultMaxInFlight {
		t.Errorf("%d answered, want %d", len(got), rpc.DefaultMaxInFlight)
	}
}

func TestPanic(t *testing.T) {
	h := ready(t, &fake{lm: echo}, `{}`)
	h.call("1", "lm-complete", `{"prompt":"panic"}`)
	if r := h.recv(); r.code() != -32603 || !strings.Contains(r.Error.Message, "boom") {
		t.Errorf("got %+v", r.Error)
	}
	h.call("2", "lm-complete", `{"prompt":"still here"}`)
	if r := h.recv(); r.code() != 0 {
		t.Errorf("after a panic: %+v", r.Error)
	}
}

// At the end of the input what was read is answered if it is done within 1 s;
// the rest gets -32800.
func TestEndOfInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{gen: hang, lm: func(ctx context.Context, p api.LMCompleteParams) (*api.LMCompleteResult, error) {
			time.Sleep(900 * time.Millisecond)
			return &api.LMCompleteResult{Text: "in time"}, nil
		}}
		h := start(t, f, rpc.Options{}, wire.PipeOptions{})
		go func() {
			h.send(initLine)
			h.call("1", "lm-complete", `{}`)
			h.call("2", "generate", `{"chunk_text":"x"}`)
			h.in.Close()
		}()
		got := h.recvAll(3)
		if !strings.Contains(string(got["1"].Result), "in time") || got["2"].code() != rpc.CodeCancelled {
			t.Errorf("got %+v", got)
		}
		if reason := h.end(); reason != "end of input" {
			t.Errorf("ended with %q", reason)
		}
	})
}

// A method that does not listen to its cancel cannot hold the end up.
func TestEndWithDeafCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		defer close(never)
		f := &fake{lm: func(context.Context, api.LMCompleteParams) (*api.LMCompleteResult, error) {
			<-never
			return nil, errors.New("too late")
		}}
		h := start(t, f, rpc.Options{}, wire.PipeOptions{})
		go func() {
			h.send(initLine)
			h.call("1", "lm-complete", `{}`)
			synctest.Wait()
			h.stop()
		}()
		got := h.recvAll(2)
		if got["1"].code() != rpc.CodeCancelled {
			t.Errorf("got %+v", got["1"])
		}
		begun := time.Now()
		h.end()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("the end took %s", took)
		}
	})
}

// A host that reads nothing counts as dead after the stall time. In real time:
// the library waits for its lock, which a synctest clock does not see.
func TestHostReadsNothing(t *testing.T) {
	h := start(t, &fake{lm: echo}, rpc.Options{}, wire.PipeOptions{Stall: 200 * time.Millisecond, Queue: 1000})
	go func() {
		fmt.Fprintln(h.in, initLine)
		for i := 1; ; i++ {
			if _, err := fmt.Fprintf(h.in, `{"jsonrpc":"2.0","id":%d,"method":"lm-complete","params":{"prompt":"x"}}`+"\n", i); err != nil {
				return
			}
		}
	}()
	if reason := h.end(); reason != wire.ErrStalled.Error() {
		t.Errorf("ended with %q", reason)
	}
}

// A silent host that closes its input does not have to be waited for.
func TestSilentHostCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, &fake{lm: echo}, rpc.Options{}, wire.PipeOptions{Stall: 30 * time.Second})
		go func() {
			fmt.Fprintln(h.in, initLine)
			for i := range 100 {
				fmt.Fprintf(h.in, `{"jsonrpc":"2.0","id":"%d","method":"lm-complete","params":{"prompt":"x"}}`+"\n", i)
			}
			h.in.Close()
		}()
		begun := time.Now()
		h.end()
		if took := time.Since(begun); took > 4*time.Second {
			t.Errorf("the end took %s", took)
		}
		h.outEnd.Close()
	})
}

// A host that answers no callback cannot make the sidecar take calls without end.
func TestCallbacksAreNoWayAroundTheLimit(t *testing.T) {
	f := &fake{}
	f.persona = func(ctx context.Context, p api.ChoosePersonaParams) (*api.PersonaResult, error) {
		return f.host.ChoosePersona(ctx, p.ChunkText, api.ChunkID{}, "")
	}
	h := start(t, f, rpc.Options{MaxInFlight: 2}, wire.PipeOptions{})
	h.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocol_version":"1.0","capabilities":{"choose_persona":true}}}`)
	h.recv()
	for id := 1; ; id++ {
		h.call(fmt.Sprint(id), "choose-persona", `{"chunk_text":"x"}`)
		switch r := h.recv(); {
		case r.Method == "choose-persona" && id <= 8:
		case r.code() == rpc.CodeOverloaded && id == 9:
			return
		default:
			t.Fatalf("call %d: got %+v, want 8 calls taken and the ninth refused", id, r)
		}
	}
}

// What a host's JSON reader would stop at costs that one call, not the
// connection with all other calls on it.
func TestNothingUnsoundIsSent(t *testing.T) {
	for name, c := range map[string]struct{ entry, says string }{
		"not UTF-8":       {"\"caf\xe9\"", "not UTF-8"},
		"too deep":        {strings.Repeat("[", 1500) + strings.Repeat("]", 1500), "nested deeper than"},
		"too many digits": {strings.Repeat("9", 5000), "more than 1000 digits"},
	} {
		f := &fake{lm: echo, fetch: func(context.Context, api.FetchParams) (*api.FetchResult, error) {
			return &api.FetchResult{Chunks: []map[string]any{{"x": json.RawMessage(c.entry)}}}, nil
		}}
		h := ready(t, f, `{}`)
		h.call("1", "fetch", `{}`)
		line, err := h.recvRaw()
		if err != nil || !utf8.ValidString(line) || len(line) > 1000 {
			t.Fatalf("%s: sent %d bytes, err %v", name, len(line), err)
		}
		if !strings.Contains(line, "-32603") || !strings.Contains(line, c.says) {
			t.Errorf("%s: %s", name, line)
		}
		h.call("2", "lm-complete", `{"prompt":"still there"}`)
		if r := h.recv(); !strings.Contains(string(r.Result), "still there") {
			t.Errorf("%s: the next call: %+v", name, r)
		}
		h.call(strings.Repeat("1", 5000), "lm-complete", `{"prompt":"x"}`)
		if r := h.recv(); r.code() != -32600 || string(r.ID) != "null" {
			t.Errorf("%s: an id of 5,000 digits: %s %+v", name, r.ID, r.Error)
		}
	}
}
