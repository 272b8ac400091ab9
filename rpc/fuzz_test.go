package rpc_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/wire"
)

// seeds are what hosts send by mistake, a message a line.
var seeds = []string{
	`{"jsonrpc":"2.0","id":1,"method":"lm-complete","params":{"prompt":"a"}}` + "\n" + `{"jsonrpc":"2.0","id":1,"method":"lm-complete"}`,
	`[{"jsonrpc":"2.0","id":1.5,"method":"status"},{"jsonrpc":"2.0","id":null,"method":"x"},5,[]]`,
	`{"jsonrpc":"2.0","id":-1,"result":{}}` + "\n{}\n[]\nnull\n\"x\"",
	`{"jsonrpc":"2.0","id":18446744073709551616,"method":"rpc.discover","params":[]}` + "\n" + `{"id":{}}`,
	`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"a"}}` + "\n" + `{"jsonrpc":"2.0","id":"a","method":"generate","params":{"chunk_text":""}}`,
	`{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"protocol_version":"2.0"}}` + "\n" + `{"jsonrpc":"2.0","id":4,"method":"shutdown"}`,
	"\xff\n{\"jsonrpc\":\"2.0\",\"id\":\"\\ud800\",\"method\":\"\"}\n\x00",
	`{"jsonrpc":"2.0","method":"exit"}`,
}

// Whatever lines come, in the form of lines: see fuzzSession.
func FuzzSessionLines(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		fuzzSession(t, append(bytes.Clone(in), '\n'), false)
	})
}

// The same messages, each behind its header.
func FuzzSessionHeaders(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var framed bytes.Buffer
		for line := range bytes.SplitSeq(in, []byte{'\n'}) {
			framed.Write(frame(line, true))
		}
		fuzzSession(t, framed.Bytes(), true)
	})
}

// fuzzSession sends in to a session that was initialized, and a last call
// behind it. Everything that comes back is JSON-RPC 2.0, the last call is
// answered, and the session ends with its input.
func fuzzSession(t *testing.T, in []byte, headers bool) {
	const last = `"the last call"`
	h := start(t, &fake{lm: echo}, rpc.Options{}, wire.PipeOptions{})
	go func() {
		defer h.in.Close()
		for _, part := range [][]byte{frame([]byte(initLine), headers), in, frame([]byte(`{"jsonrpc":"2.0","id":`+last+`,"method":"lm-complete","params":{"prompt":"x"}}`), headers)} {
			if _, err := h.in.Write(part); err != nil {
				return
			}
		}
	}()
	var out bytes.Buffer
	read := make(chan struct{})
	go func() { defer close(read); _, _ = io.Copy(&out, h.out) }()
	reason := h.end()
	h.outEnd.Close()
	<-read
	answered := false
	for _, msg := range messages(t, out.Bytes(), headers) {
		checkReply(t, msg)
		answered = answered || bytes.Contains(msg, []byte(last))
	}
	if !answered && reason != "exit" {
		t.Errorf("the last call was not answered; the session ended with %q and had said %s", reason, out.Bytes())
	}
}

func frame(msg []byte, headers bool) []byte {
	if !headers {
		return append(bytes.Clone(msg), '\n')
	}
	return append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(msg)), msg...)
}

// messages splits what the sidecar wrote.
func messages(t *testing.T, out []byte, headers bool) [][]byte {
	t.Helper()
	k := talker{out: bufio.NewReader(bytes.NewReader(out)), headers: headers}
	var all [][]byte
	for {
		msg, err := k.read()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("not in the host's framing: %v in %q", err, out)
		}
		all = append(all, []byte(msg))
	}
}

// checkReply holds a message to JSON-RPC 2.0: a response, or an array of them.
func checkReply(t *testing.T, msg []byte) {
	t.Helper()
	if msg[0] == '[' {
		var members []json.RawMessage
		if err := json.Unmarshal(msg, &members); err != nil || len(members) == 0 {
			t.Errorf("not a batch of replies: %s", msg)
		}
		for _, m := range members {
			checkReply(t, m)
		}
		return
	}
	raw := map[string]json.RawMessage{}
	var r reply
	if json.Unmarshal(msg, &raw) != nil || json.Unmarshal(msg, &r) != nil {
		t.Errorf("not JSON: %q", msg)
		return
	}
	_, result := raw["result"]
	_, failure := raw["error"]
	_, id := raw["id"]
	if string(raw["jsonrpc"]) != `"2.0"` || !id || result == failure || len(raw) != 3 {
		t.Errorf("not a response: %s", msg)
	}
	if failure && (r.code() == 0 || r.Error.Message == "") {
		t.Errorf("an error without code or message: %s", msg)
	}
}
