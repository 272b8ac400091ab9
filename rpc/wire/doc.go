// Package wire carries whole JSON messages over a pair of byte streams: where
// one message ends and the next begins, how much may be held at once, and what
// happens when the other side stops reading. It knows no JSON-RPC: no ids, no
// methods, no replies.
//
// Reader finds out from the first byte which framing the peer speaks: LSP
// headers when it is 'C' or 'c', one message a line otherwise. Its memory is
// bounded: a message over the limit is discarded while it is read. What cannot
// be a message is a *BadFrame, after which reading goes on; only the end of
// the input or a failed read ends it.
//
// Writer has one goroutine and a queue bounded in bytes. A sender waits when
// the queue is full; a write that makes no progress for the stall time breaks
// the writer, so that a peer that stopped reading cannot hold the process. It
// looks at nothing that it carries: the process's log goes through one too.
//
// Left out: compression, chunked bodies, resynchronising after a wrong
// Content-Length (the next header line found is taken for the next message).
package wire
