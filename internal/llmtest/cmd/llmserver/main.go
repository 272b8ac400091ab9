// Command llmserver is llmtest's server as a process, for tests in other
// languages. It writes one JSON line {"base_url": …} to stdout and ends at
// stdin's EOF or SIGTERM, so that no test leaves it behind.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"qgen-sidecar/internal/llmtest"
)

type options struct {
	port, rpm, burst int
	latency          time.Duration
	keyEnv           string
	draws            bool
	failEvery        int
	cutAbout         string
	hints            string
	load             string
	byFields         int
	bad              string
	planted          bool
}

func main() {
	var o options
	flag.IntVar(&o.port, "port", 0, "loopback port; 0: any free one")
	flag.DurationVar(&o.latency, "latency", 0, "delay before each answer, e.g. 20ms")
	flag.StringVar(&o.keyEnv, "key-env", "", "environment variable with the keys to demand, separated by commas")
	flag.IntVar(&o.rpm, "rpm", 0, "requests a minute for each key; 0: no limit")
	flag.IntVar(&o.burst, "burst", 1, "requests above the rate that pass at once")
	flag.BoolVar(&o.draws, "draws", false, "answer an equal sampling request differently each time")
	flag.IntVar(&o.failEvery, "fail-every", 0, "answer every n-th request with 500; 0: none")
	flag.StringVar(&o.cutAbout, "cut-about", "", "cut replies to chats that mention this text in half, as a token limit does; empty: none")
	flag.StringVar(&o.hints, "hints", "ratelimit,retry-after", "what headers tell of -rpm: ratelimit, retry-after, both, or none")
	flag.StringVar(&o.load, "load", "", "answer every chat with this text and keep none: for measuring clients")
	flag.IntVar(&o.byFields, "by-fields", -1, "answer every chat from the fields it shows alone, its judge passing this many in a hundred, and keep none; -1: as a model would")
	flag.BoolVar(&o.planted, "planted", false, "answer as a world in which one rule is worth much, and only an instruction brings it about; keeps no requests")
	flag.StringVar(&o.bad, "bad", "", "with -load: what befalls the first key of -key-env: dead, hang, or slow (10 times -latency)")
	flag.Parse()
	if err := run(o, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "llmserver:", err)
		os.Exit(1)
	}
}

func run(o options, in io.Reader, out io.Writer) error {
	server, err := llmtest.Start(fmt.Sprintf("127.0.0.1:%d", o.port))
	if err != nil {
		return err
	}
	defer server.Close()
	server.SetLatency(o.latency)
	var hints []llmtest.Hints
	for _, h := range strings.Split(o.hints, ",") {
		hints = append(hints, llmtest.Hints(h))
	}
	server.SetRPM(o.rpm, o.burst, hints...)
	server.SetDraws(o.draws)
	server.Fault(o.fault)
	if o.keyEnv != "" {
		keys := os.Getenv(o.keyEnv)
		if keys == "" {
			return fmt.Errorf("%s is not set: it must hold the keys to demand", o.keyEnv)
		}
		server.SetKey(strings.Split(keys, ",")...)
	}
	switch {
	case o.byFields >= 0:
		server.SetLoad(&llmtest.Load{Answer: llmtest.ByFields(o.byFields)})
	case o.planted:
		server.SetLoad(&llmtest.Load{Answer: llmtest.Planted})
	case o.load != "":
		first, _, _ := strings.Cut(os.Getenv(o.keyEnv), ",")
		server.SetLoad(&llmtest.Load{Text: o.load, BadKey: first, Bad: o.badFault()})
	}
	if err := json.NewEncoder(out).Encode(map[string]string{"base_url": server.URL()}); err != nil {
		return err
	}
	wait(in)
	return nil
}

func (o options) fault(n int, r llmtest.Request) *llmtest.Fault {
	switch {
	case o.failEvery > 0 && n%o.failEvery == 0:
		return llmtest.HTTP(500)
	case o.cutAbout != "" && r.Chat() && strings.Contains(r.Last(), o.cutAbout):
		return &llmtest.Fault{Kind: llmtest.Length}
	}
	return nil
}

func (o options) badFault() *llmtest.Fault {
	switch o.bad {
	case "dead":
		return llmtest.HTTP(500)
	case "hang":
		return &llmtest.Fault{Kind: llmtest.Hang}
	case "slow":
		return &llmtest.Fault{Kind: llmtest.Slow, Latency: 10 * o.latency}
	}
	return nil
}

// wait returns at EOF of in or at a signal.
func wait(in io.Reader) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	eof := make(chan struct{})
	go func() { io.Copy(io.Discard, in); close(eof) }()
	select {
	case <-signals:
	case <-eof:
	}
}
