package rpc

import (
	"encoding/json"
	"sync"
	"time"

	"qgen-sidecar/engine/api"
)

// progressEvery spaces $/progress: at most ten a second.
const progressEvery = 100 * time.Millisecond

// progress is how far one long call is. Events that come too fast are dropped
// but for the newest.
type progress struct {
	token json.RawMessage // nil: the host did not ask
	send  func(progressNote)
	busy  func() bool // the way out is congested

	mu      sync.Mutex
	now     api.Progress
	unsent  bool
	lastAt  time.Time
	timer   *time.Timer // runs while unsent waits for its time
	settled bool        // the last one was sent
}

// progressNote is the wire shape of $/progress.
type progressNote = api.ProgressNote

// report takes an event from any goroutine.
func (p *progress) report(e api.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.settled {
		return
	}
	p.now, p.unsent = e, true
	if p.token == nil || p.timer != nil {
		return
	}
	if wait := progressEvery - time.Since(p.lastAt); wait > 0 || p.busy() {
		p.timer = time.AfterFunc(max(wait, progressEvery/2), p.due)
		return
	}
	p.emit()
}

// due sends what waited.
func (p *progress) due() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer = nil; !p.unsent || p.settled {
		return
	}
	if p.busy() {
		p.timer = time.AfterFunc(progressEvery, p.due)
		return
	}
	p.emit()
}

func (p *progress) emit() {
	p.unsent, p.lastAt = false, time.Now()
	p.send(progressNote{Token: p.token, Stage: p.now.Stage, Done: p.now.Done, Total: p.now.Total, Message: p.now.Message, Usage: p.now.Usage})
}

// last sends the final notification, with done == total, before the reply. A
// call that ended early closes with what it had done.
func (p *progress) last(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	complete := !p.unsent && !p.lastAt.IsZero() && p.now.Done == p.now.Total
	p.settled = true
	if p.timer != nil {
		p.timer.Stop()
	}
	if p.token == nil || complete {
		return
	}
	if p.now.Stage == "" {
		p.now.Stage = "done"
	}
	if err != nil {
		p.now.Total, p.now.Message = p.now.Done, "ended early: "+wireError(err).Message
	}
	p.now.Total = max(p.now.Total, p.now.Done)
	p.now.Done = p.now.Total
	p.emit()
}

// state is what `status` says of the job.
func (p *progress) state() (done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.Done, p.now.Total
}
