package wire

import (
	"errors"
	"sync"
	"time"
)

// ErrStalled: the peer read nothing for the stall time and counts as dead.
var ErrStalled = errors.New("the host reads nothing: a write made no progress")

// ErrClosed: the writer was closed.
var ErrClosed = errors.New("the connection is closed")

// DefaultStall is how long one write may make no progress.
const DefaultStall = 30 * time.Second

// DefaultQueue is the bound of the queue in bytes; one message may exceed it.
const DefaultQueue = 16 << 20

// chunk is how much is handed to the sink at once: a large message that a slow
// peer reads bit by bit is progress, not a stall.
const chunk = 64 << 10

// Writer queues framed messages and writes them from one goroutine. Safe for
// concurrent use; messages leave in the order of the calls.
type Writer struct {
	sink  func([]byte) error
	stall time.Duration
	limit int
	whole bool // messages keep their borders: one sink call each

	mu     sync.Mutex
	change sync.Cond
	queue  [][]byte
	bytes  int // queued or being written
	moved  int // written so far
	err    error
	dead   chan struct{} // closed with err set
}

// NewWriter starts a writer. With whole, sink gets one message a call (gRPC);
// otherwise sink gets pieces of a byte stream. stall and limit 0: defaults.
func NewWriter(sink func([]byte) error, whole bool, stall time.Duration, limit int) *Writer {
	if stall <= 0 {
		stall = DefaultStall
	}
	if limit <= 0 {
		limit = DefaultQueue
	}
	w := &Writer{sink: sink, whole: whole, stall: stall, limit: limit, dead: make(chan struct{})}
	w.change.L = &w.mu
	go w.loop()
	return w
}

// Write queues msg, which the writer then owns. It waits while the queue is
// full and fails once the writer is broken or closed.
func (w *Writer) Write(msg []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.await(); w.err != nil {
		return w.err
	}
	w.queue = append(w.queue, msg)
	w.bytes += len(msg)
	w.change.Broadcast()
	return nil
}

// Await waits while the queue is full, or until the writer is broken: whoever
// reads requests should wait here for their replies to get away.
func (w *Writer) Await() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.await()
}

func (w *Writer) await() {
	for w.err == nil && w.bytes > w.limit {
		w.change.Wait()
	}
}

// Congested says that less than half of the queue is free: what can be left
// out or be said later should be.
func (w *Writer) Congested() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes > w.limit/2
}

// Dead is closed when nothing can be written any more; Err says why.
func (w *Writer) Dead() <-chan struct{} { return w.dead }

// Err is nil while the writer works.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Flush waits until everything queued is written and says whether it is. It
// gives up when nothing got away for quiet: a host that reads slowly is waited
// for, however long it takes; one that does not read is not.
func (w *Writer) Flush(quiet time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	moved, since := w.moved, time.Now()
	for w.err == nil && w.bytes > 0 {
		if w.moved != moved {
			moved, since = w.moved, time.Now()
		}
		left := quiet - time.Since(since)
		if left <= 0 {
			return false
		}
		wake := time.AfterFunc(left, w.wake)
		w.change.Wait()
		wake.Stop()
	}
	return w.err == nil
}

func (w *Writer) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.change.Broadcast()
}

// Close drops what is queued and ends the goroutine, unless it hangs in a
// write that cannot be interrupted: the end of the process frees that one.
func (w *Writer) Close() error {
	w.fail(ErrClosed)
	return nil
}

func (w *Writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	w.err = err
	w.queue, w.bytes = nil, 0
	close(w.dead)
	w.change.Broadcast()
}

func (w *Writer) loop() {
	for {
		batch := w.take()
		if batch == nil {
			return
		}
		for _, piece := range w.pieces(batch) {
			if err := w.put(piece); err != nil {
				w.fail(err)
				return
			}
		}
	}
}

func (w *Writer) take() [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.err == nil && len(w.queue) == 0 {
		w.change.Wait()
	}
	if w.err != nil {
		return nil
	}
	batch := w.queue
	w.queue = nil
	return batch
}

// put writes one piece under the stall clock.
func (w *Writer) put(piece []byte) error {
	t := time.AfterFunc(w.stall, func() { w.fail(ErrStalled) })
	err := w.sink(piece)
	t.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.bytes -= len(piece)
		w.moved += len(piece)
		w.change.Broadcast()
	}
	return err
}

// pieces joins small messages into one write and cuts large ones.
func (w *Writer) pieces(batch [][]byte) [][]byte {
	if w.whole {
		return batch
	}
	var out [][]byte
	var small []byte
	for _, msg := range batch {
		if len(small)+len(msg) > chunk && len(small) > 0 {
			out, small = append(out, small), nil
		}
		for len(msg) > chunk {
			out, msg = append(out, msg[:chunk]), msg[chunk:]
		}
		small = append(small, msg...)
	}
	if len(small) > 0 {
		out = append(out, small)
	}
	return out
}
