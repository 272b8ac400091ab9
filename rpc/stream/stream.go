package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/sourcegraph/jsonrpc2"

	"qgen-sidecar/internal/jsonscan"
	"qgen-sidecar/internal/jsonvalue"
	"qgen-sidecar/rpc/wire"
)

// maxBatch bounds the members of one batch: each may need a reply.
const maxBatch = 1 << 16

// Stream is the jsonrpc2.ObjectStream between the library and the wire.
//
// The library's ids are uint64 or string and it decodes parameters several
// times over. So it sees small envelopes only: every request gets a number of
// ours, and in place of parameters and results stands a ticket for the bytes
// that are kept here. A large message is copied once and decoded once.
type Stream struct {
	msgs  wire.Messages
	log   hclog.Logger
	onEnd func()

	inbox []inbound // members of a batch not yet handed on; reader goroutine only

	mu      sync.Mutex
	next    uint64            // last number and ticket given out
	owed    map[uint64]debt   // requests not answered yet
	byID    map[string]uint64 // idKey of the owed
	asked   map[uint64]bool   // our own calls; false: nobody waits any more
	payload map[uint64][]byte // by ticket
}

// debt is a request that must be answered.
type debt struct {
	id    []byte // as sent
	key   string
	batch *batch // nil: on its own
}

// inbound is a message with the batch it came in.
type inbound struct {
	message
	batch *batch
}

// New is a stream over msgs. onEnd is called once at the end of the input, before
// the library learns of it.
func New(msgs wire.Messages, log hclog.Logger, onEnd func()) *Stream {
	return &Stream{msgs: msgs, log: log, onEnd: onEnd, owed: map[uint64]debt{}, byID: map[string]uint64{}, asked: map[uint64]bool{}, payload: map[uint64][]byte{}}
}

// ReadObject hands the next valid message to the library and refuses invalid
// ones on the way.
func (s *Stream) ReadObject(v any) error {
	for {
		for len(s.inbox) > 0 {
			in := s.inbox[0]
			s.inbox = s.inbox[1:]
			if env := s.accept(in); env != nil {
				return v.(json.Unmarshaler).UnmarshalJSON(env)
			}
		}
		// A host that does not read its replies is not read from either: the
		// calls in flight are bounded in number only, and a reply may be large.
		s.msgs.Await()
		raw, err := s.msgs.Read()
		var bad *wire.BadFrame
		switch {
		case err == nil:
			s.open(raw)
		case errors.As(err, &bad) && bad.TooLong:
			s.refuse(nil, nil, jsonrpc2.CodeInvalidRequest, bad.Reason)
		case errors.As(err, &bad):
			s.refuse(nil, nil, jsonrpc2.CodeParseError, bad.Reason)
		default:
			s.onEnd()
			return io.EOF
		}
	}
}

// open checks a message and puts it, or its members, into the inbox.
func (s *Stream) open(raw []byte) {
	if err := jsonscan.Scan(raw); err != nil {
		s.refuse(nil, nil, jsonrpc2.CodeParseError, err.Error())
		return
	}
	raw = bytes.TrimSpace(raw)
	if raw[0] != '[' {
		s.inbox = append(s.inbox, inbound{message: parseMessage(raw)})
		return
	}
	members := jsonscan.Elements(raw, maxBatch)
	if len(members) == 0 || len(members) > maxBatch {
		s.refuse(nil, nil, jsonrpc2.CodeInvalidRequest, fmt.Sprintf("a batch holds 1 to %d messages", maxBatch))
		return
	}
	b := &batch{}
	for _, m := range members {
		in := inbound{message: parseMessage(m), batch: b}
		if in.wantsReply() {
			b.left++
		}
		s.inbox = append(s.inbox, in)
	}
}

// wantsReply: requests and what cannot be understood; not notifications and
// responses.
func (in inbound) wantsReply() bool {
	return !in.answer && (in.fault != "" || in.id != nil)
}

// accept returns the envelope for the library, or nil when the message ends here.
func (s *Stream) accept(in inbound) []byte {
	switch {
	case in.answer:
		return s.acceptAnswer(in)
	case in.fault != "":
		s.refuse(in.batch, in.id, jsonrpc2.CodeInvalidRequest, in.fault)
		return nil
	}
	s.mu.Lock()
	key := ""
	if in.id != nil {
		key = idKey(in.id)
		if _, taken := s.byID[key]; taken {
			s.mu.Unlock()
			s.refuse(in.batch, in.id, jsonrpc2.CodeInvalidRequest, "id "+string(in.id)+" is in flight already: give every request an id of its own")
			return nil
		}
	}
	s.next++
	n := s.next
	if in.id != nil {
		s.owed[n] = debt{id: in.id, key: key, batch: in.batch}
		s.byID[key] = n
	}
	s.payload[n] = in.params
	s.mu.Unlock()
	return requestEnvelope(in.method, n, in.id != nil)
}

func requestEnvelope(method string, n uint64, hasID bool) []byte {
	name, _ := json.Marshal(method)
	env := append([]byte(`{"method":`), name...)
	env = append(env, `,"params":`...)
	env = strconv.AppendUint(env, n, 10)
	if hasID {
		env = append(env, `,"id":`...)
		env = strconv.AppendUint(env, n, 10)
	}
	return append(env, '}')
}

// acceptAnswer hands on a response to a call of ours. One that nobody waits
// for still goes on, empty, so that the library forgets the call.
func (s *Stream) acceptAnswer(in inbound) []byte {
	n, err := strconv.ParseUint(string(in.id), 10, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted, known := s.asked[n]
	if err != nil || !known {
		s.log.Warn("the host answered a call that was not made", "id", string(in.id))
		return nil
	}
	delete(s.asked, n)
	if in.fault != "" || in.failure != nil && jsonvalue.Kind(in.failure) != "null" {
		e := readFailure(in)
		env, _ := json.Marshal(map[string]any{"id": n, "error": e})
		return env
	}
	s.next++
	if wanted {
		s.payload[s.next] = in.result
	}
	return fmt.Appendf(nil, `{"id":%d,"result":%d}`, n, s.next)
}

// readFailure reads an error object as far as it is one.
func readFailure(in inbound) *jsonrpc2.Error {
	if in.fault != "" {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the host's answer is invalid: " + in.fault}
	}
	e := &jsonrpc2.Error{}
	if json.Unmarshal(in.failure, e) != nil {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: string(in.failure)}
	}
	return e
}

// WriteObject sends what the library wants sent, with the caller's own id and
// the bytes behind the ticket.
func (s *Stream) WriteObject(obj any) error {
	env, err := obj.(json.Marshaler).MarshalJSON()
	if err != nil {
		return err
	}
	var id, method, params, result, failure []byte
	jsonscan.Members(env, func(key string, value []byte) {
		switch key {
		case "id":
			id = value
		case "method":
			method = value
		case "params":
			params = value
		case "result":
			result = value
		case "error":
			failure = value
		}
	})
	if method != nil {
		return s.msgs.Write(s.callFrame(id, method, params))
	}
	return s.reply(id, result, failure)
}

// callFrame lays out a request or notification of ours.
func (s *Stream) callFrame(id, method, params []byte) []byte {
	out := []byte(`{"jsonrpc":"2.0"`)
	if id != nil {
		out = append(append(out, `,"id":`...), id...)
	}
	out = append(append(out, `,"method":`...), method...)
	if body := s.redeem(params); body != nil {
		out = append(append(out, `,"params":`...), body...)
	}
	return append(out, '}')
}

// reply pays a debt; a second reply to the same request is dropped.
func (s *Stream) reply(number, result, failure []byte) error {
	n, _ := strconv.ParseUint(string(number), 10, 64)
	body := s.redeem(result)
	s.mu.Lock()
	d, owed := s.owed[n]
	delete(s.owed, n)
	if owed {
		delete(s.byID, d.key)
	}
	s.mu.Unlock()
	if !owed {
		return nil
	}
	return s.deliver(d.batch, replyFrame(d.id, body, failure))
}

func replyFrame(id, result, failure []byte) []byte {
	if id == nil {
		id = []byte("null")
	}
	out := append([]byte(`{"jsonrpc":"2.0","id":`), id...)
	if failure != nil {
		return append(append(append(out, `,"error":`...), failure...), '}')
	}
	if result == nil {
		result = []byte("null")
	}
	return append(append(append(out, `,"result":`...), result...), '}')
}

// refuse answers what never reached the library. id nil: null.
func (s *Stream) refuse(b *batch, id []byte, code int64, reason string) {
	s.log.Debug("refused a message", "code", code, "reason", reason)
	failure, _ := json.Marshal(&jsonrpc2.Error{Code: code, Message: reason})
	if err := s.deliver(b, replyFrame(id, nil, failure)); err != nil {
		s.log.Debug("a refusal could not be sent", "error", err)
	}
}

func (s *Stream) deliver(b *batch, frame []byte) error {
	if b == nil {
		return s.msgs.Write(frame)
	}
	if all := b.add(frame); all != nil {
		return s.msgs.Write(all)
	}
	return nil
}

// Close is the library's; the session closes the messages when it is done.
func (s *Stream) Close() error { return nil }
