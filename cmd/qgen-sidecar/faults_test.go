//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"qgen-sidecar/internal/locktest"
)

// What hosts do wrong, to the real process. Messages that are no messages are
// in rpc's transcripts; docs/reliability.md has the whole table.

// A request and the end of the input at once: it is answered, in the caller's framing.
func TestRequestThenEOF(t *testing.T) {
	framed := func(s string) string { return fmt.Sprintf("content-length: %d\r\n\r\n%s", len(s), s) }
	for name, in := range map[string]string{
		"lines":           initLine + "\n" + statusLine + "\n",
		"no last newline": initLine + "\n" + statusLine,
		"headers":         framed(initLine) + framed(statusLine),
	} {
		c := spawn(t)
		_, err := io.WriteString(c.in, in)
		must(t, err)
		c.in.Close()
		got := c.rest()
		if !strings.Contains(got, `"id":0,"result"`) || !strings.Contains(got, `"uptime_s"`) {
			t.Errorf("%s: %s", name, got)
		}
		if headers := strings.HasPrefix(got, "Content-Length: "); headers != (name == "headers") {
			t.Errorf("%s: answered in the other framing: %s", name, got)
		}
	}
}

func TestEOFInsideMessage(t *testing.T) {
	for _, in := range []string{`{"jsonrpc":"2.0","id":`, "Content-Length: 500\r\n\r\n{", "Content-Le"} {
		c := spawn(t)
		_, err := io.WriteString(c.in, in)
		must(t, err)
		c.in.Close()
		got := c.rest()
		if answered := strings.Contains(got, "-32700"); answered != (in != "Content-Le") {
			t.Errorf("%q: %s", in, got)
		}
	}
}

// 100 MB are refused without being held, and the sidecar serves on.
func TestOversizeMessage(t *testing.T) {
	for _, headers := range []bool{false, true} {
		c := spawn(t)
		go func() {
			if headers {
				fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n", 100_000_000)
			}
			block := strings.Repeat("x", 1_000_000)
			for range 100 {
				if _, err := io.WriteString(c.in, block); err != nil {
					return
				}
			}
			if headers {
				fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(statusLine), statusLine)
			} else {
				c.say("", statusLine)
			}
			c.in.Close()
		}()
		got := c.rest()
		if !strings.Contains(got, `"id":null,"error":{"code":-32600`) || !strings.Contains(got, `"id":1,"error":{"code":-32002`) {
			t.Errorf("headers %v: %s", headers, got)
		}
		if mb := c.peak(); mb > 100 {
			t.Errorf("headers %v: took %d MB", headers, mb)
		}
	}
}

// A host that writes and never reads is pushed back, not believed for ever: the
// memory stays bounded, and once it closes its side the end comes at once,
// although replies lie in the way.
func TestHostNeverReads(t *testing.T) {
	c := spawn(t)
	c.say(initLine)
	var asked atomic.Int64
	pushedBack := make(chan struct{})
	go func() {
		defer close(pushedBack)
		for {
			if _, err := fmt.Fprintf(c.in, `{"jsonrpc":"2.0","id":"%d","method":"rpc.discover"}`+"\n", asked.Add(1)); err != nil {
				return
			}
		}
	}()
	for before := int64(-1); asked.Load() != before; time.Sleep(500 * time.Millisecond) {
		before = asked.Load()
	}
	c.in.Close()
	begun := time.Now()
	<-pushedBack
	c.ended()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the end took %s", took)
	}
	if mb := c.peak(); mb > 100 {
		t.Errorf("took %d MB", mb)
	}
	t.Logf("%d calls, %d MB", asked.Load(), c.peak())
}

// peak is the most memory that an ended child held, in MB (10⁶ bytes).
func (c *child) peak() int64 {
	kib := c.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	return kib * 1024 / 1_000_000
}

// 10,000 calls at once, none of which the model answers until all are sent:
// every one is answered, and the memory stays bounded.
func TestTenThousandInFlight(t *testing.T) {
	const calls, limit = 10_000, 4096
	let := make(chan struct{})
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-let
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id":"1","object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"4"}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`)
	}))
	defer model.Close()
	c := spawn(t, "QGEN_TEST_KEY=k")
	config, _ := json.Marshal(map[string]any{
		"endpoint": []map[string]any{{"name": "a", "base_url": model.URL, "api_key_env": "QGEN_TEST_KEY", "rpm": 1_000_000, "max_in_flight": 64}},
		"lm":       map[string]any{"task": map[string]any{"model": "m"}},
		"cache":    map[string]any{"path": ""},
	})
	c.say(`{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocol_version":"1.0","config":` + string(config) + `}}`)
	c.hear()
	go func() {
		for i := range calls {
			if _, err := fmt.Fprintf(c.in, `{"jsonrpc":"2.0","id":%d,"method":"lm-complete","params":{"prompt":"call %d"}}`+"\n", i, i); err != nil {
				return
			}
		}
	}()
	seen, answered, refused := map[string]bool{}, 0, 0
	for len(seen) < calls {
		var r struct {
			ID    json.RawMessage
			Error *struct{ Code int }
		}
		must(t, json.Unmarshal([]byte(c.hear()), &r))
		seen[string(r.ID)] = true
		switch {
		case r.Error == nil:
			answered++
		case r.Error.Code == -32001:
			if refused++; refused == calls-limit {
				close(let)
			}
		default:
			t.Fatalf("call %s: error %d", r.ID, r.Error.Code)
		}
	}
	if answered != limit || refused != calls-limit {
		t.Errorf("%d answered and %d refused, want %d and %d", answered, refused, limit, calls-limit)
	}
	c.in.Close()
	c.rest()
	if mb := c.peak(); mb > 200 {
		t.Errorf("took %d MB", mb)
	}
	t.Logf("%d MB", c.peak())
}

// A byte at a time is a message all the same, in either framing.
func TestByteByByte(t *testing.T) {
	for _, in := range []string{initLine + "\n", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(initLine), initLine)} {
		c := spawn(t)
		for i := range len(in) {
			_, err := io.WriteString(c.in, in[i:i+1])
			must(t, err)
			time.Sleep(10 * time.Millisecond)
		}
		c.in.Close()
		if got := c.rest(); !strings.Contains(got, `"id":0,"result"`) {
			t.Errorf("got %s", got)
		}
	}
}

// The host closes its end of our output and goes on calling: the write that
// fails (SIGPIPE does not kill) ends the sidecar in order, and the lock is free.
func TestHostClosesOutput(t *testing.T) {
	dir := storeFolder(t)
	c := spawn(t)
	c.say(initOn(dir))
	c.hear()
	c.closeOutput()
	go c.say(statusLine)
	c.ended()
	if locktest.Held(t, dir) {
		t.Error("still locked")
	}
}

// A host that takes the log and never reads it loses lines, and nothing else.
func TestHostNeverReadsLog(t *testing.T) {
	logR, logW, err := os.Pipe()
	must(t, err)
	defer logR.Close()
	c := prepare(t, "QGEN_LOG=debug")
	c.cmd.Stderr = logW
	c.start()
	logW.Close()
	const calls = 5000 // each leaves a line of about 150 bytes, and a pipe holds 64 kB
	go func() {
		for range calls {
			if _, err := io.WriteString(c.in, "no message\n"); err != nil {
				return
			}
		}
		c.in.Close()
	}()
	if got := strings.Count(c.rest(), "-32700"); got != calls {
		t.Errorf("%d answers, want %d", got, calls)
	}
	left, err := io.ReadAll(logR)
	must(t, err)
	if !strings.Contains(string(left), "refused a message") {
		t.Errorf("the log says %.300s", left)
	}
}
