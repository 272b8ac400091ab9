package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"qgen-sidecar/engine/api"
)

// bar shows progress: one line redrawn on a terminal, a line now and then elsewhere.
type bar struct {
	out      io.Writer
	terminal bool

	mu      sync.Mutex
	stage   string
	since   time.Time // of the stage
	drawn   time.Time
	pending bool // a line stands that is not ended
}

const (
	drawEvery = 100 * time.Millisecond
	lineEvery = 5 * time.Second
	barWidth  = 24
)

func newBar(out io.Writer, terminal bool) *bar { return &bar{out: out, terminal: terminal} }

func (b *bar) report(p api.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if p.Stage != b.stage {
		b.endLine()
		b.stage, b.since, b.drawn = p.Stage, now, time.Time{}
	}
	every := lineEvery
	if b.terminal {
		every = drawEvery
	}
	if now.Sub(b.drawn) < every && p.Done < p.Total {
		return
	}
	b.drawn = now
	b.draw(p, now)
}

func (b *bar) draw(p api.Progress, now time.Time) {
	text := fmt.Sprintf("%s %d/%d", p.Stage, p.Done, p.Total)
	if !strings.HasSuffix(p.Message, " left") { // it knows better
		text += b.estimate(p, now)
	}
	if p.Usage != nil && p.Usage.USD != nil && !strings.Contains(p.Message, "$") {
		text += fmt.Sprintf("  $%.4f", *p.Usage.USD)
	}
	if p.Message != "" {
		text += "  " + p.Message
	}
	if !b.terminal {
		fmt.Fprintln(b.out, text)
		return
	}
	filled := 0
	if p.Total > 0 {
		filled = min(barWidth, barWidth*p.Done/p.Total)
	}
	fmt.Fprintf(b.out, "\r\x1b[K%s%s %s", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), text)
	b.pending = true
}

// estimate is the time left, if the rest goes as the stage went so far.
func (b *bar) estimate(p api.Progress, now time.Time) string {
	if p.Done == 0 || p.Done >= p.Total {
		return ""
	}
	left := now.Sub(b.since) / time.Duration(p.Done) * time.Duration(p.Total-p.Done)
	if left < time.Second {
		return ""
	}
	return "  ~" + left.Round(time.Second).String() + " left"
}

func (b *bar) endLine() {
	if b.pending {
		fmt.Fprintln(b.out)
		b.pending = false
	}
}

func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endLine()
}
