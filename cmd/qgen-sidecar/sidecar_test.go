//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"qgen-sidecar/internal/locktest"
)

// binary is the program as people run it, built once.
var binary string

func TestMain(m *testing.M) {
	// The test binary is also the hosts that get killed: see life_test.go.
	if host := os.Getenv("QGEN_TEST_HOST"); host != "" {
		os.Exit(hosts[host]())
	}
	// Under nohup the children would inherit that SIGHUP is ignored, which they
	// respect; a handler here is not inherited.
	if signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	dir, err := os.MkdirTemp("", "qgen")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "qgen-sidecar")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

const (
	initLine   = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocol_version":"1.0"}}`
	statusLine = `{"jsonrpc":"2.0","id":1,"method":"status"}`
)

// child is a running sidecar.
type child struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	raw io.Closer // out's
}

// spawn starts the sidecar in an empty working directory.
func spawn(t testing.TB, env ...string) *child {
	t.Helper()
	c := prepare(t, env...)
	c.start()
	return c
}

// prepare is spawn, up to the start.
func prepare(t testing.TB, env ...string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(binary)}
	c.cmd.Dir = t.TempDir()
	c.cmd.Env = append(os.Environ(), env...)
	in, err := c.cmd.StdinPipe()
	must(t, err)
	out, err := c.cmd.StdoutPipe()
	must(t, err)
	c.in, c.out, c.raw = in, bufio.NewReader(out), out
	return c
}

func (c *child) start() {
	c.t.Helper()
	must(c.t, c.cmd.Start())
	c.t.Cleanup(func() { _ = c.cmd.Process.Kill() })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *child) say(lines ...string) {
	c.t.Helper()
	_, err := io.WriteString(c.in, strings.Join(lines, "\n")+"\n")
	must(c.t, err)
}

// hear reads one line.
func (c *child) hear() string {
	c.t.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		c.t.Fatalf("the sidecar said nothing more: %v", err)
	}
	return line
}

func (c *child) closeOutput() { must(c.t, c.raw.Close()) }

// rest reads to the end and waits for status 0.
func (c *child) rest() string {
	c.t.Helper()
	text, err := io.ReadAll(c.out)
	must(c.t, err)
	c.ended()
	return string(text)
}

// ended waits for status 0, at most 10 s.
func (c *child) ended() {
	c.t.Helper()
	done := make(chan error, 1)
	go func() { done <- c.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			c.t.Errorf("the sidecar ended with %v, want status 0", err)
		}
	case <-time.After(10 * time.Second):
		c.t.Fatal("the sidecar does not end")
	}
}

func TestFirstReply(t *testing.T) {
	c := spawn(t)
	c.say(initLine)
	if line := c.hear(); !strings.Contains(line, `"id":0,"result":{"protocol_version":"1.0"`) || !strings.Contains(line, c.cmd.Dir+"/gold_dataset.json") {
		t.Errorf("initialize: %s", line)
	}
	c.say(`{"jsonrpc":"2.0","method":"exit"}`)
	c.ended()
}

// storeFolder is a copy of a folder that the Python client wrote.
func storeFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "db")
	must(t, os.CopyFS(dir, os.DirFS("../../qdrantlock/folder/testdata/qdrant/v1_20/storage")))
	return dir
}

func initOn(dir string) string {
	config, _ := json.Marshal(map[string]any{"store": map[string]any{"path": dir, "collection": "plain"}})
	return `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocol_version":"1.0","config":` + string(config) + `}}`
}

// However the sidecar ends, the lock is free and the status 0.
func TestLockIsFree(t *testing.T) {
	for name, end := range map[string]func(*child){
		"exit": func(c *child) { c.say(`{"jsonrpc":"2.0","method":"exit"}`) },
		"shutdown and exit": func(c *child) {
			c.say(`{"jsonrpc":"2.0","id":9,"method":"shutdown"}`, `{"jsonrpc":"2.0","method":"exit"}`)
		},
		"end of input": func(c *child) { c.in.Close() },
		"SIGTERM":      func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGINT":       func(c *child) { _ = c.cmd.Process.Signal(os.Interrupt) },
		"SIGHUP":       func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := storeFolder(t)
			c := spawn(t)
			c.say(initOn(dir))
			if line := c.hear(); !strings.Contains(line, `"mode":"folder"`) {
				t.Fatalf("initialize: %s", line)
			}
			if !locktest.Held(t, dir) {
				t.Fatal("not locked")
			}
			end(c)
			c.rest()
			if locktest.Held(t, dir) {
				t.Error("still locked")
			}
		})
	}
}

// Whoever started it under nohup wants it to outlive the terminal.
func TestNohup(t *testing.T) {
	c := prepare(t)
	c.cmd.Path, c.cmd.Args = "/bin/sh", []string{"sh", "-c", `trap "" HUP; exec "$0"`, binary}
	c.start()
	c.say(initLine)
	c.hear()
	if err := c.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	c.say(statusLine)
	if line := c.hear(); !strings.Contains(line, `"id":1,"result"`) {
		t.Errorf("after SIGHUP: %s", line)
	}
	c.in.Close()
	c.rest()
}

// A second sidecar is told who holds the folder.
func TestLockedStore(t *testing.T) {
	dir := storeFolder(t)
	first := spawn(t)
	first.say(initOn(dir))
	first.hear()
	second := spawn(t)
	second.say(initOn(dir))
	line := second.hear()
	if !strings.Contains(line, `"code":-32010`) || !strings.Contains(line, fmt.Sprintf(`"holder_pid":%d`, first.cmd.Process.Pid)) {
		t.Errorf("got %s", line)
	}
	first.in.Close()
	first.rest()
	second.say(initOn(dir))
	if line := second.hear(); !strings.Contains(line, `"mode":"folder"`) {
		t.Errorf("after the first ended: %s", line)
	}
}
