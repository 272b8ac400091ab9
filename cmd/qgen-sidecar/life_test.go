//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/internal/locktest"
	"qgen-sidecar/rpc/process"
)

// hosts are what the test binary is when QGEN_TEST_HOST names one: parents
// that are killed while their sidecar runs. Each tells on descriptor 3 when it
// is ready, and the sidecar inherits descriptor 4, which nobody else holds:
// its end is the sidecar's end.
var hosts = map[string]func() int{
	"pipe":   pipeHost,
	"plugin": pluginHost,
	"stray":  strayPrints,
}

// pipeHost starts the sidecar on the descriptors that the test holds open, so
// that no end of input tells it of our death.
func pipeHost() int {
	cmd := exec.Command(os.Getenv("QGEN_TEST_BINARY"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{nil, os.NewFile(4, "alive")}
	if err := cmd.Start(); err != nil {
		return 1
	}
	os.NewFile(4, "alive").Close()
	fmt.Fprintln(os.NewFile(3, "ready"), cmd.Process.Pid)
	select {}
}

// strayPrints prints to descriptor 1 as a careless library would.
func strayPrints() int {
	out, err := process.TakeStdout()
	if err != nil {
		return 1
	}
	fmt.Println("stray")
	fmt.Fprintln(os.NewFile(1, "descriptor"), "stray")
	fmt.Fprintln(out, "protocol")
	return 0
}

func TestStrayPrints(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "QGEN_TEST_HOST=stray")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || string(out) != "protocol\n" || strings.Count(stderr.String(), "stray") != 2 {
		t.Errorf("stdout %q, stderr %q, %v", out, stderr.String(), err)
	}
}

// killedHost starts a host, waits until it is ready, and returns what it said
// and a function that kills it and waits for its sidecar's end.
func killedHost(t *testing.T, name, initLine string, stdin io.Reader, stdout *os.File) (said string, kill func() time.Duration) {
	t.Helper()
	readyR, readyW, err := os.Pipe()
	must(t, err)
	aliveR, aliveW, err := os.Pipe()
	must(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "QGEN_TEST_HOST="+name, "QGEN_TEST_BINARY="+binary, "QGEN_TEST_INIT="+initLine)
	cmd.ExtraFiles = []*os.File{readyW, aliveW}
	cmd.Stdin, cmd.Stdout = stdin, stdout
	cmd.Dir = t.TempDir()
	must(t, cmd.Start())
	readyW.Close()
	aliveW.Close()
	line := make([]byte, 1<<16)
	n, err := readyR.Read(line)
	must(t, err)
	return string(line[:n]), func() time.Duration {
		must(t, cmd.Process.Kill())
		begun := time.Now()
		_ = aliveR.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := aliveR.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the sidecar of the killed host is still there: %v", err)
		}
		_ = cmd.Wait()
		return time.Since(begun)
	}
}

// The host is killed while the test still holds both ends of the pipes: the
// sidecar ends all the same and frees the lock.
func TestParentKilled(t *testing.T) {
	dir := storeFolder(t)
	inR, inW, err := os.Pipe()
	must(t, err)
	outR, outW, err := os.Pipe()
	must(t, err)
	defer inW.Close()
	_, kill := killedHost(t, "pipe", "", inR, outW)
	fmt.Fprintln(inW, initOn(dir))
	answer := make([]byte, 1<<16)
	n, err := outR.Read(answer)
	must(t, err)
	if !strings.Contains(string(answer[:n]), `"mode":"folder"`) {
		t.Fatalf("initialize: %s", answer[:n])
	}
	if took := kill(); took > 2*time.Second {
		t.Errorf("the sidecar lived on for %s", took)
	}
	if locktest.Held(t, dir) {
		t.Error("still locked")
	}
}
