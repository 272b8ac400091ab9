// Command dispatchload is the Go side of make bench-dispatch: callers in a
// closed loop over keys of one address, through plain net/http, through
// go-openai as one would write it by hand, or through the dispatcher. It writes
// one JSON object to stdout; tests/bench/dispatch.py reads it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type options struct {
	client, base, cache string
	keys                []string
	callers, calls, rpm int
	bytes               int
	duration, timeout   time.Duration
	overhead            bool
}

// measured is what dispatch_peers.py writes too.
type measured struct {
	OK       int       `json:"ok"`
	Failed   int       `json:"failed"`
	Seconds  float64   `json:"seconds"`
	P50US    float64   `json:"p50_us"`
	P99US    float64   `json:"p99_us"`
	CPUUS    float64   `json:"cpu_us"`   // of this process, for each call
	Timeline []int     `json:"timeline"` // answers in each tenth of a second
	Latency  []float64 `json:"-"`
}

func main() {
	var o options
	var keys string
	flag.StringVar(&o.client, "client", "qgen", "raw, openai, openai-retry or qgen")
	flag.StringVar(&o.base, "base", "", "the server's base_url")
	flag.StringVar(&keys, "keys", "", "comma-separated keys")
	flag.StringVar(&o.cache, "cache", "", "the dispatcher's reply cache; empty: off")
	flag.IntVar(&o.callers, "callers", 1, "callers at a time")
	flag.IntVar(&o.calls, "calls", 0, "calls in total; 0: -duration decides")
	flag.IntVar(&o.rpm, "rpm", 0, "each key's limit as the dispatcher is told it; 0: it is not")
	flag.IntVar(&o.bytes, "bytes", 272, "about how long a prompt is")
	flag.DurationVar(&o.duration, "duration", 10*time.Second, "how long")
	flag.DurationVar(&o.timeout, "timeout", 10*time.Second, "of one attempt")
	flag.BoolVar(&o.overhead, "overhead", false, "all clients by turns, one call at a time")
	flag.Parse()
	o.keys = strings.Split(keys, ",")
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dispatchload:", err)
		os.Exit(1)
	}
}

func run(o options, out io.Writer) error {
	if o.overhead {
		return byTurns(o, out)
	}
	client, err := open(o, o.client, o.cache)
	if err != nil {
		return err
	}
	defer client.close()
	m := load(o, client)
	m.summarise()
	return json.NewEncoder(out).Encode(m)
}

// byTurns makes each call with every client in turn, so that whatever else the
// machine does meets all of them alike.
func byTurns(o options, out io.Writer) error {
	results := map[string]*measured{}
	var clients []client
	names := []string{"raw", "openai", "qgen", "qgen-cache"}
	for _, name := range names {
		kind, cache := name, ""
		if name == "qgen-cache" {
			kind, cache = "qgen", o.cache
		}
		c, err := open(o, kind, cache)
		if err != nil {
			return err
		}
		defer c.close()
		clients = append(clients, c)
		results[name] = &measured{}
	}
	const warm = 300
	for i := range o.calls + warm {
		for j := range clients {
			// The first to call after a pause of others pays for cold caches:
			// who that is changes with each round.
			at := (i + j) % len(clients)
			began := time.Now()
			if err := clients[at].call(context.Background(), i); err != nil {
				return fmt.Errorf("%s: %w", names[at], err)
			}
			if i >= warm {
				m := results[names[at]]
				m.OK++
				m.Latency = append(m.Latency, float64(time.Since(began).Nanoseconds())/1000)
			}
		}
	}
	for _, m := range results {
		m.summarise()
	}
	return json.NewEncoder(out).Encode(results)
}

// load keeps the callers busy.
func load(o options, c client) *measured {
	began, cpu := time.Now(), cpuTime()
	var n atomic.Int64
	var mu sync.Mutex
	m := &measured{}
	var group sync.WaitGroup
	for range o.callers {
		group.Go(func() {
			for {
				i := int(n.Add(1))
				if o.calls > 0 && i > o.calls || o.calls == 0 && time.Since(began) >= o.duration {
					return
				}
				start := time.Now()
				err := c.call(context.Background(), i)
				took, since := time.Since(start), time.Since(began)
				mu.Lock()
				m.count(err, took, since, o)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	m.Seconds = o.duration.Seconds()
	if o.calls > 0 {
		m.Seconds = time.Since(began).Seconds()
	}
	m.CPUUS = float64((cpuTime() - cpu).Microseconds()) / float64(max(1, m.OK+m.Failed))
	return m
}

// count books a call; an answer after the end is no part of the rate.
func (m *measured) count(err error, took, since time.Duration, o options) {
	if err != nil {
		if m.Failed++; m.Failed <= 3 {
			fmt.Fprintln(os.Stderr, "lost:", err)
		}
		return
	}
	if o.calls == 0 && since > o.duration {
		return
	}
	m.OK++
	m.Latency = append(m.Latency, float64(took.Nanoseconds())/1000)
	tenth := int(since / (100 * time.Millisecond))
	for len(m.Timeline) <= tenth {
		m.Timeline = append(m.Timeline, 0)
	}
	m.Timeline[tenth]++
}

func (m *measured) summarise() {
	slices.Sort(m.Latency)
	if n := len(m.Latency); n > 0 {
		m.P50US, m.P99US = m.Latency[n/2], m.Latency[min(n-1, n*99/100)]
	}
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
