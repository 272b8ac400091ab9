package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// MaxMessage is the largest message taken, in bytes (64 MiB).
const MaxMessage = 64 << 20

// Kind is a framing.
type Kind int32

const (
	Unknown Kind = iota // nothing was read yet
	Lines               // one JSON message a line
	Headers             // Content-Length: N, blank line, N bytes
)

// BadFrame is input that is no message; reading goes on after it. TooLong
// tells a message over the limit from one that cannot be told apart at all.
type BadFrame struct {
	TooLong bool
	Reason  string
}

func (e *BadFrame) Error() string { return e.Reason }

// Reader splits a byte stream into messages. One goroutine may read; Kind may
// be asked from any.
type Reader struct {
	br   *bufio.Reader
	max  int
	kind atomic.Int32

	skip     int64 // bytes left of a body that is being discarded
	skipLine bool  // the rest of this line is being discarded
}

// NewReader reads messages of at most max bytes (0: MaxMessage) from r.
func NewReader(r io.Reader, max int) *Reader {
	if max <= 0 {
		max = MaxMessage
	}
	return &Reader{br: bufio.NewReaderSize(r, 64<<10), max: max}
}

// Kind is the peer's framing, Unknown until its first byte came.
func (r *Reader) Kind() Kind { return Kind(r.kind.Load()) }

// Read returns the next message, which the caller may keep; io.EOF at the
// end; or a *BadFrame, after which Read may be called again.
func (r *Reader) Read() ([]byte, error) {
	if err := r.finishSkip(); err != nil {
		return nil, err
	}
	if r.Kind() == Unknown {
		if err := r.detect(); err != nil {
			return nil, err
		}
	}
	if r.Kind() == Headers {
		return r.readHeaders()
	}
	return r.readLine()
}

// detect looks at the first byte that is not white space.
func (r *Reader) detect() error {
	for {
		b, err := r.br.ReadByte()
		if err != nil {
			return io.EOF
		}
		if isSpace(b) {
			continue
		}
		kind := Lines
		if b == 'C' || b == 'c' {
			kind = Headers
		}
		r.kind.Store(int32(kind))
		return r.br.UnreadByte()
	}
}

// finishSkip discards what is left of a refused message.
func (r *Reader) finishSkip() error {
	for r.skip > 0 {
		n, err := r.br.Discard(int(min(r.skip, 1<<20)))
		r.skip -= int64(n)
		if err != nil {
			return io.EOF
		}
	}
	for r.skipLine {
		_, err := r.br.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		r.skipLine = false
		if err != nil {
			return io.EOF
		}
	}
	return nil
}

// readLine returns the next line that is not blank. A last line without its
// newline counts: `printf '{…}' | qgen-sidecar` is answered.
func (r *Reader) readLine() ([]byte, error) {
	for {
		line, err := r.collectLine()
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

// collectLine gathers a line in blocks that are never grown: doubling one
// buffer would hold twice the limit before the message is refused.
func (r *Reader) collectLine() ([]byte, error) {
	var blocks blockList
	for {
		part, err := r.br.ReadSlice('\n')
		if blocks.size+len(part) > r.max {
			r.skipLine = err != nil
			return nil, tooLong(r.max)
		}
		blocks.add(part)
		switch {
		case err == nil:
			return blocks.join(), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case blocks.size > 0:
			return blocks.join(), nil
		default:
			return nil, io.EOF
		}
	}
}

func tooLong(max int) error {
	return &BadFrame{TooLong: true, Reason: fmt.Sprintf("message longer than %d bytes: send less at once", max)}
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// blockList holds bytes in blocks of at most 1 MiB.
type blockList struct {
	blocks [][]byte
	size   int
}

const blockSize = 1 << 20

func (l *blockList) add(p []byte) {
	l.size += len(p)
	for len(p) > 0 {
		last := len(l.blocks) - 1
		if last < 0 || len(l.blocks[last]) == cap(l.blocks[last]) {
			// The first block is as small as a usual message.
			size := blockSize
			if last < 0 {
				size = len(p)
			}
			l.blocks = append(l.blocks, make([]byte, 0, size))
			last++
		}
		b := l.blocks[last]
		n := min(len(p), cap(b)-len(b))
		l.blocks[last] = append(b, p[:n]...)
		p = p[n:]
	}
}

func (l *blockList) join() []byte {
	if len(l.blocks) == 1 {
		return l.blocks[0]
	}
	return bytes.Join(l.blocks, nil)
}
