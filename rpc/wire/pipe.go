package wire

import (
	"io"
	"strconv"
	"time"
)

// Messages is a two-way flow of whole JSON messages: a pair of pipes, or a
// gRPC stream.
type Messages interface {
	// Read returns the next message, io.EOF, or a *BadFrame.
	Read() ([]byte, error)
	// Write queues a message; the callee owns it from then on.
	Write(msg []byte) error
	// Await, Congested, Dead, Err, Flush and Close are the Writer's.
	Await()
	Congested() bool
	Dead() <-chan struct{}
	Err() error
	Flush(quiet time.Duration) bool
	Close() error
}

// Pipe is Messages over a byte stream in and one out. It answers in the
// framing that it was spoken to in.
type Pipe struct {
	*Reader
	*Writer
}

// PipeOptions bound a Pipe; zero values are the defaults.
type PipeOptions struct {
	MaxMessage int           // bytes
	Stall      time.Duration // without progress of a write
	Queue      int           // bytes
}

// NewPipe reads from in and writes to out.
func NewPipe(in io.Reader, out io.Writer, o PipeOptions) *Pipe {
	sink := func(b []byte) error {
		_, err := out.Write(b)
		return err
	}
	return &Pipe{Reader: NewReader(in, o.MaxMessage), Writer: NewWriter(sink, false, o.Stall, o.Queue)}
}

// Write frames msg as the peer does.
func (p *Pipe) Write(msg []byte) error {
	if p.Kind() == Headers {
		head := "Content-Length: " + strconv.Itoa(len(msg)) + "\r\n\r\n"
		return p.Writer.Write(append([]byte(head), msg...))
	}
	return p.Writer.Write(append(msg, '\n'))
}

var _ Messages = (*Pipe)(nil)
