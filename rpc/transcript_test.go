package rpc_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/rpc"
	"qgen-sidecar/rpc/wire"
)

// Transcripts are what a host and the sidecar say to each other. Each is run
// in both framings. A line starts with
//
//	>  the host sends, and one message comes back
//	>> the host sends, and nothing comes back
//	<  the sidecar's message
//	#  a comment
//
// \xNN in a line is that byte; <deep N> is N brackets. -update writes what the
// sidecar says.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		for _, framing := range []string{"lines", "headers"} {
			t.Run(filepath.Base(file)+"/"+framing, func(t *testing.T) { runTranscript(t, file, framing) })
		}
	}
}

func runTranscript(t *testing.T, file, framing string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, &fake{lm: echo, gen: hang}, rpc.Options{Version: "1.2.3"}, wire.PipeOptions{})
	talk := talker{in: h.in, out: h.out, headers: framing == "headers"}
	var got bytes.Buffer
	for line := range strings.Lines(string(want)) {
		line = strings.TrimSuffix(line, "\n")
		switch mark, text, _ := strings.Cut(line, " "); mark {
		case "<":
		case ">>":
			fmt.Fprintln(&got, line)
			talk.say(t, text)
		case ">":
			fmt.Fprintln(&got, line)
			talk.say(t, text)
			fmt.Fprintln(&got, "<", talk.hear(t))
		default:
			fmt.Fprintln(&got, line)
		}
	}
	if strings.Contains(string(want), `"method":"exit"`) {
		if reason := h.end(); reason != "exit" {
			t.Errorf("ended with %q", reason)
		}
	}
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("run with -update if this is right:\n%s", diff)
	}
}

// talker speaks one framing.
type talker struct {
	in      io.Writer
	out     *bufio.Reader
	headers bool
}

func (k talker) say(t *testing.T, text string) {
	t.Helper()
	msg := expand(text)
	if k.headers {
		msg = "Content-Length: " + strconv.Itoa(len(msg)) + "\r\n\r\n" + msg
	} else {
		msg += "\n"
	}
	if _, err := io.WriteString(k.in, msg); err != nil {
		t.Fatal(err)
	}
}

func (k talker) hear(t *testing.T) string {
	t.Helper()
	type heard struct {
		text string
		err  error
	}
	c := make(chan heard, 1)
	go func() {
		text, err := k.read()
		c <- heard{text, err}
	}()
	select {
	case h := <-c:
		if h.err != nil {
			t.Fatalf("the sidecar said nothing more: %v", h.err)
		}
		return h.text
	case <-time.After(20 * time.Second):
		t.Fatal("the sidecar does not answer")
		return ""
	}
}

func (k talker) read() (string, error) {
	line, err := k.out.ReadString('\n')
	if !k.headers || err != nil {
		return strings.TrimSuffix(line, "\n"), err
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "Content-Length: ")))
	if err != nil {
		return "", fmt.Errorf("expected Content-Length, found %q", line)
	}
	body := make([]byte, n+2) // and the blank line
	_, err = io.ReadFull(k.out, body)
	return string(body[2:]), err
}

func expand(text string) string {
	for {
		before, rest, ok := strings.Cut(text, "<deep ")
		if !ok {
			break
		}
		number, after, _ := strings.Cut(rest, ">")
		n, _ := strconv.Atoi(number)
		text = before + strings.Repeat("[", n) + strings.Repeat("]", n) + after
	}
	for {
		before, rest, ok := strings.Cut(text, `\x`)
		if !ok {
			return text
		}
		b, _ := strconv.ParseUint(rest[:2], 16, 8)
		text = before + string([]byte{byte(b)}) + rest[2:]
	}
}
