package rpc

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sourcegraph/jsonrpc2"
)

// maxReplying is how many replies are encoded and queued at once; the library queues
// one at a time.
const maxReplying = 4

// answer replies to a call once; whoever comes second is ignored.
func (s *session) answer(c *call, result any, err error) {
	if s.calls.leave(c) {
		s.reply(c.number, result, err)
	}
}

func (s *session) reply(n uint64, result any, err error) {
	// Encoded replies that wait for a full queue are few: they may be large.
	s.replying <- struct{}{}
	defer func() { <-s.replying }()
	resp := &jsonrpc2.Response{ID: jsonrpc2.ID{Num: n}}
	var body []byte
	if err == nil {
		body, err = encode(result)
	}
	if err != nil {
		resp.Error = wireError(err)
	} else {
		ticket := json.RawMessage(fmt.Appendf(nil, "%d", s.stream.Deposit(body)))
		resp.Result = &ticket
	}
	if err := s.conn.SendResponse(context.Background(), resp); err != nil {
		s.Logger.Debug("a reply could not be sent", "error", err)
	}
}

// notify sends a notification of ours.
func (s *session) notify(method string, params any) {
	body, err := encode(params)
	if err == nil {
		err = s.conn.Notify(context.Background(), method, s.stream.Deposit(body))
	}
	if err != nil {
		s.Logger.Debug("a notification could not be sent", "method", method, "error", err)
	}
}
