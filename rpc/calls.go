package rpc

import (
	"context"
	"sync"
	"time"
)

// call is one request being worked on.
type call struct {
	number   uint64 // the stream's
	method   string
	ctx      context.Context
	cancel   context.CancelCauseFunc
	starts   bool      // it is the initialize that runs
	after    func()    // done once the answer is on its way; may be nil
	left     bool      // guarded by calls.mu: somebody answers it
	progress *progress // nil: not a long method
}

// calls are the requests in flight. All mutable state stands here.
type calls struct {
	mu        sync.Mutex
	open      map[uint64]*call
	answering int           // of the open: those whose reply is on its way out
	callbacks int           // calls to the host waiting for its answer
	closed    bool          // nothing is admitted any more
	idle      chan struct{} // not nil: closed when open gets empty
}

// nesting is how many times max are admitted at most: calls in flight, the
// calls made in their callbacks, and so on.
const nesting = 4

// admit registers a request. Beyond max it is refused, but every callback that
// waits for the host admits one call more: what the host asks in order to
// answer us must not be held back by what waits for that answer. That has an
// end too, for hosts that answer no callback and call on and on.
func (c *calls) admit(n uint64, method string, max int) (*call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errEnding
	}
	// Replies on their way out are bounded too: a host that reads none of them
	// must not pile them up here.
	if len(c.open)-c.answering >= min(max+c.callbacks, nesting*max) || c.answering >= max {
		return nil, overloaded(max)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	made := &call{number: n, method: method, ctx: ctx, cancel: cancel}
	c.open[n] = made
	return made, nil
}

// leave frees the place of a call that is about to be answered: a host that
// has read the reply may send its next call at once. Only the first may answer.
func (c *calls) leave(made *call) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made.left {
		return false
	}
	made.left = true
	c.answering++
	return true
}

// remove forgets a call that was answered.
func (c *calls) remove(made *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, made.number)
	if made.left {
		c.answering--
	}
	if len(c.open) == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

func (c *calls) cancel(n uint64, cause error) {
	c.mu.Lock()
	made := c.open[n]
	c.mu.Unlock()
	if made != nil {
		made.cancel(cause)
	}
}

func (c *calls) cancelAll(cause error) {
	for _, made := range c.list() {
		made.cancel(cause)
	}
}

func (c *calls) list() []*call {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*call, 0, len(c.open))
	for _, made := range c.open {
		out = append(out, made)
	}
	return out
}

// close admits nothing any more.
func (c *calls) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

// await waits until no call is open, for at most d or until stop is closed.
func (c *calls) await(d time.Duration, stop <-chan struct{}) {
	c.mu.Lock()
	if len(c.open) == 0 {
		c.mu.Unlock()
		return
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-idle:
	case <-t.C:
	case <-stop:
	}
}

// callback counts a call to the host; the function returned ends it.
func (c *calls) callback() func() {
	c.mu.Lock()
	c.callbacks++
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.callbacks--
		c.mu.Unlock()
	}
}

// setProgress makes a call one that status lists.
func (c *calls) setProgress(made *call, p *progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	made.progress = p
}

// progressOf is nil for a call that is not long, or not begun.
func (c *calls) progressOf(made *call) *progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	return made.progress
}
