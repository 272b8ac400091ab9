package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"qgen-sidecar/rpc/wire"
)

// logger writes to standard error: JSON lines when that is no terminal.
// QGEN_LOG sets the level (trace, debug, info, warn, error).
func (c *console) logger(level hclog.Level) hclog.Logger { return c.loggerTo(c.stderr, level) }

func (c *console) loggerTo(out io.Writer, level hclog.Level) hclog.Logger {
	if l := hclog.LevelFromString(os.Getenv("QGEN_LOG")); l != hclog.NoLevel {
		level = l
	}
	return hclog.New(&hclog.LoggerOptions{Name: "qgen-sidecar", Level: level, Output: out, JSONFormat: !c.errTerminal})
}

const (
	logQueue = 1 << 20                // bytes of log that may wait for the host
	logGrace = 100 * time.Millisecond // for the host to read the last of them
	forever  = time.Duration(1<<63 - 1)
)

// logPipe is a standard error that the host may not be reading. A pipe holds
// 64 kB; after that a plain write waits for ever, and with it every call that
// has something to log. This one drops lines instead, and says how many.
type logPipe struct {
	queue *wire.Writer

	mu      sync.Mutex
	dropped int
}

func newLogPipe(out io.Writer) *logPipe {
	sink := func(p []byte) error {
		_, err := out.Write(p)
		return err
	}
	return &logPipe{queue: wire.NewWriter(sink, false, forever, logQueue)}
}

// Write takes one line. It never waits and never fails: there is nobody who
// could be told.
func (p *logPipe) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queue.Congested() {
		p.dropped++
		return len(line), nil
	}
	if p.dropped > 0 {
		_ = p.queue.Write(fmt.Appendf(nil, "{\"@level\":\"warn\",\"@message\":\"%d lines of the log were dropped: nobody read them\",\"@module\":\"qgen-sidecar\"}\n", p.dropped))
		p.dropped = 0
	}
	_ = p.queue.Write(bytes.Clone(line))
	return len(line), nil
}

// Close lets out what is left.
func (p *logPipe) Close() error {
	p.queue.Flush(logGrace)
	return p.queue.Close()
}
