//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkGenerate is the whole way of a question: over the door, two calls of
// a model that answers after so long, and back, with so many in flight. net/http
// makes the same two calls alone. make bench-generate sets them side by side.
func BenchmarkGenerate(b *testing.B) {
	for _, load := range []struct {
		latency time.Duration
		width   int
	}{{0, 1}, {50 * time.Millisecond, 64}, {50 * time.Millisecond, 256}} {
		name := fmt.Sprintf("%dms/%d", load.latency.Milliseconds(), load.width)
		base := serveModels(b, "-load", aReply, "-latency", load.latency.String())
		b.Run(name+"/net-http", func(b *testing.B) { pairsOfCalls(b, base, load.width) })
		for _, cache := range []string{"", "cache"} {
			label := "/sidecar"
			if cache != "" {
				label += "-" + cache
			}
			b.Run(name+label, func(b *testing.B) { generates(b, base, cache, load.width) })
		}
	}
}

// aReply serves analyzer and generator alike.
const aReply = "[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\ndirect question\n\n" +
	"[[ ## query ## ]]\nHow soon do I have to report a lost permit?\n\n[[ ## completed ## ]]"

// serveModels starts the models' server as a process of its own, as it is for
// the sidecar in life, and gives its base_url.
func serveModels(b *testing.B, flags ...string) string {
	server := filepath.Join(b.TempDir(), "llmserver")
	if out, err := exec.Command("go", "build", "-o", server, "../../internal/llmtest/cmd/llmserver").CombinedOutput(); err != nil {
		b.Fatal(string(out))
	}
	cmd := exec.Command(server, flags...)
	in, err := cmd.StdinPipe()
	must(b, err)
	out, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	var said struct {
		BaseURL string `json:"base_url"`
	}
	must(b, json.NewDecoder(out).Decode(&said))
	return said.BaseURL
}

// aChunk is the text of the n-th, about 150 words.
func aChunk(n int) string {
	return fmt.Sprintf("Rule %d. ", n) + strings.Repeat("Loss of a residence permit is reported within two weeks, in person. ", 12)
}

const aPersona = "Somebody who has just moved in and knows none of the rules of the house yet."

// pairsOfCalls is the floor: the bodies of an analyzer's and a generator's call,
// as the sidecar sends them, by a client that does nothing else.
func pairsOfCalls(b *testing.B, base string, width int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: width}}
	ask := func(n int, more string) {
		body, err := json.Marshal(map[string]any{"model": "m", "max_tokens": 1000, "messages": []map[string]string{
			{"role": "system", "content": strings.Repeat("Given a chunk and a persona, find the type and format. ", 16)},
			{"role": "user", "content": "[[ ## chunk_text ## ]]\n" + aChunk(n) + "\n\n[[ ## persona_description ## ]]\n" + aPersona + more}}})
		must(b, err)
		reply, err := client.Post(base+"/chat/completions", "application/json", bytes.NewReader(body))
		must(b, err)
		defer reply.Body.Close()
		_, err = io.Copy(io.Discard, reply.Body)
		must(b, err)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range width {
		all.Go(func() {
			for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
				ask(n, "")
				ask(n, "\n\n[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\nquestion")
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "generates/s")
}

func generates(b *testing.B, base, cache string, width int) {
	c := prepare(b)
	config := fmt.Sprintf("[[endpoint]]\nname = \"a\"\nbase_url = %q\nmax_in_flight = %d\n[lm.task]\nmodel = \"m\"\n[cache]\npath = %q\n", base, width, cache)
	must(b, os.WriteFile(filepath.Join(c.cmd.Dir, "qgen.toml"), []byte(config), 0o600))
	c.start()
	c.say(initLine)
	c.hear()
	c.keepInFlight(b, width, `"query":"How soon`, func(id int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"generate","params":{"chunk_text":%q,"persona_description":%q}}`, id, aChunk(id), aPersona)
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "generates/s")
	c.in.Close()
	c.ended()
	used := c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/generate")
}
