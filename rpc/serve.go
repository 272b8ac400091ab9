package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/rpc/stream"
	"qgen-sidecar/rpc/wire"
)

// Times that a session takes for its parts.
const (
	eofGrace   = time.Second            // for requests read before the input's end
	endGrace   = 50 * time.Millisecond  // for cancelled calls to come back
	closeGrace = 2 * time.Second        // for the Service to close
	quietGrace = 500 * time.Millisecond // for the host to read on at the end
)

// Serve answers one host on msgs until the host says exit, its input ends, it
// reads nothing any more, or ctx ends; then it closes the Service. It returns
// why it ended; none of the reasons is a failure.
func Serve(ctx context.Context, msgs wire.Messages, o Options) string {
	s := &session{Options: o.withDefaults(), msgs: msgs, started: time.Now(),
		replying: make(chan struct{}, maxReplying), exit: make(chan struct{})}
	s.calls.open = map[uint64]*call{}
	s.stream = stream.New(msgs, s.Logger, s.inputEnded)
	// The connection outlives ctx: cancelled calls are still answered.
	connected := make(chan struct{})
	s.conn = jsonrpc2.NewConn(context.Background(), s.stream, afterConnect(connected, s), jsonrpc2.SetLogger(connLog{s.Logger}))
	close(connected)
	reason := s.wait(ctx)
	s.Logger.Debug("the session ends", "reason", reason)
	s.finish()
	return reason
}

// afterConnect holds the first message back until s.conn is set.
func afterConnect(connected chan struct{}, s *session) jsonrpc2.Handler {
	return handlerFunc(func(conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
		<-connected
		s.handle(req)
	})
}

type handlerFunc func(*jsonrpc2.Conn, *jsonrpc2.Request)

func (f handlerFunc) Handle(_ context.Context, c *jsonrpc2.Conn, r *jsonrpc2.Request) { f(c, r) }

func (s *session) wait(ctx context.Context) string {
	stuck := make(chan struct{})
	go s.watchStuck(stuck)
	select {
	case <-ctx.Done():
		return context.Cause(ctx).Error()
	case <-s.exit:
		return "exit"
	case <-s.msgs.Dead():
		return s.msgs.Err().Error()
	case <-stuck:
		return "the host has closed its side and reads nothing"
	case <-s.conn.DisconnectNotify():
		return "end of input"
	}
}

// watchStuck closes stuck when the host has hung up and does not read either.
// The reader alone would not find out: it waits for room in the write queue
// and never comes to the end of the input.
func (s *session) watchStuck(stuck chan<- struct{}) {
	select {
	case <-s.HungUp:
	case <-s.conn.DisconnectNotify():
		return
	}
	for s.msgs.Flush(eofGrace) {
		select {
		case <-s.conn.DisconnectNotify():
			return
		case <-time.After(quietGrace):
		}
	}
	close(stuck)
}

// handle runs on the reading goroutine and must not wait: cancels overtake
// everything that was read before them.
func (s *session) handle(req *jsonrpc2.Request) {
	params := s.stream.Params(req)
	if req.Notif {
		s.notified(req.Method, params)
		return
	}
	c, err := s.calls.admit(req.ID.Num, req.Method, s.MaxInFlight)
	if err != nil {
		s.reply(req.ID.Num, nil, err)
		return
	}
	if req.Method == "initialize" {
		c.starts = s.state.claim()
	}
	go s.run(c, params)
}

func (s *session) notified(method string, params []byte) {
	switch method {
	case "exit":
		s.exitOnce.Do(func() { close(s.exit) })
	case "$/cancelRequest":
		s.cancel(params)
	default:
		// `initialized`, `$/…` and names of methods alike: nobody waits for
		// an answer, so nothing is done.
		s.Logger.Debug("ignored a notification", "method", method)
	}
}

func (s *session) cancel(params []byte) {
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(params, &p) != nil || p.ID == nil {
		s.Logger.Debug("$/cancelRequest without an id", "params", string(params))
		return
	}
	if n, ok := s.stream.Number(p.ID); ok {
		s.calls.cancel(n, errCancelled)
	}
}

// inputEnded runs on the reading goroutine at the end of the input: what was
// read is answered if it is done soon, the rest is cancelled. It is the last
// moment for that: the library closes the connection next.
func (s *session) inputEnded() {
	s.calls.await(eofGrace, s.exit)
	s.calls.cancelAll(errEnding)
	s.calls.await(endGrace, s.exit)
	s.answerRest()
}

// finish ends what is in flight, closes the Service, which frees the lock, and
// only then waits for the host to read the last replies.
func (s *session) finish() {
	s.calls.close()
	s.calls.cancelAll(errEnding)
	s.calls.await(endGrace, nil)
	s.closeService()
	s.answerRest()
	s.msgs.Flush(quietGrace)
	_ = s.msgs.Close()
	_ = s.conn.Close()
}

// answerRest answers the calls that did not come back. It does not wait long:
// the write queue may be full, and the host may not read.
func (s *session) answerRest() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, c := range s.calls.list() {
			s.answer(c, nil, errEnding)
		}
	}()
	select {
	case <-done:
	case <-time.After(quietGrace):
	}
}

func (s *session) closeService() {
	svc := s.state.take()
	if svc == nil {
		return
	}
	done := make(chan error, 1)
	go func() { done <- svc.Close() }()
	select {
	case err := <-done:
		if err != nil {
			s.Logger.Error("closing failed", "error", err)
		}
	case <-time.After(closeGrace):
		s.Logger.Error("closing takes too long; the end of the process frees the lock", "after", closeGrace)
	}
}

// connLog takes the library's lines.
type connLog struct{ log hclog.Logger }

func (l connLog) Printf(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
