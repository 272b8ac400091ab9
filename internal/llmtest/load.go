package llmtest

import (
	"io"
	"net/http"
	"time"
)

// Load makes the server one to measure clients against: chats are counted and
// answered with one text, and neither read nor kept, so that what is measured
// is the client. With Answer they are read, but not kept. Keys, limits and the
// latency hold as ever.
type Load struct {
	Text   string
	Answer func(Request) string
	BadKey string // requests with this key meet Bad
	Bad    *Fault
}

type load struct {
	text, badKey string
	answer       func(Request) string
	bad          *Fault
	bodies       map[string]bool // hashes of what was read, under the server's mu
}

func newLoad(l *Load) *load {
	if l == nil {
		return nil
	}
	return &load{text: l.Text, answer: l.Answer, badKey: hash(l.BadKey), bad: l.Bad, bodies: map[string]bool{}}
}

// fault is what befalls a request.
func (l *load) fault(r Request) *Fault {
	if r.KeyHash == l.badKey {
		return l.bad
	}
	return nil
}

// read takes a request as far as its answer needs it.
func (l *load) read(hr *http.Request, body io.Reader) (r Request, text string) {
	if l.answer == nil {
		io.Copy(io.Discard, body)
		return Request{Path: hr.URL.Path, KeyHash: keyHash(hr), Model: "load", At: time.Now()}, l.text
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return Request{Path: hr.URL.Path, KeyHash: keyHash(hr), Malformed: err.Error()}, ""
	}
	if r = parseRequest(hr, raw); r.Malformed == "" {
		text = l.answer(r)
	}
	return r, text
}
