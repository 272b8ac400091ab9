package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"qgen-sidecar/dispatcher/outcome"
)

// maxReply bounds a reply's body; a longer one is a failure.
const maxReply = 64 << 20

// exchange carries one request's body to the transport, and back what go-openai
// does not hand out: headers and status, also of errors, and the reply's body.
type exchange struct {
	request []byte // in the place of go-openai's; nil: as it is
	header  http.Header
	status  int
	reply   []byte // as far as it came
}

type exchangeKey struct{}

func (x *exchange) into(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func (x *exchange) redirected() bool { return x.status >= 300 && x.status < 400 }

// fault is what became of an exchange that brought no reply.
func (x *exchange) fault(ctx context.Context, err error) *outcome.Outcome {
	switch {
	case x.redirected():
		return outcome.OfRedirect(x.status, x.header.Get("Location"))
	case x.status >= 400 && ctx.Err() == nil:
		// The status says what it is, whatever the body: go-openai loses it where the
		// body has another shape than OpenAI's.
		return outcome.OfError(x.status, x.reply)
	}
	return outcome.OfTransport(ctx, err, x.reply)
}

// exchanger is the HTTP client under every go-openai client. It calls the
// transport itself: http.Client would add redirects, with which keys and bodies
// would go to another address.
type exchanger struct {
	transport http.RoundTripper
	headers   map[string]string
}

// Do implements openai.HTTPDoer. The request is go-openai's and ours to change.
func (t exchanger) Do(r *http.Request) (*http.Response, error) {
	x, _ := r.Context().Value(exchangeKey{}).(*exchange)
	if x == nil {
		return nil, errors.New("a request without its exchange")
	}
	if x.request != nil {
		r.Body = io.NopCloser(bytes.NewReader(x.request))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(x.request)), nil }
		r.ContentLength = int64(len(x.request))
	}
	if u := r.URL.User; u != nil && r.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		r.SetBasicAuth(u.Username(), password)
	}
	for name, value := range t.headers {
		r.Header.Set(name, value)
	}
	resp, err := t.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.header, x.status = resp.Header, resp.StatusCode
	x.reply, err = readReply(resp)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.reply))
	return resp, nil
}

// readReply reads all of the body, so that the connection is free again at once.
func readReply(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 {
		b.Grow(int(min(n, 1<<20)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, maxReply))
	if err == nil && n == maxReply {
		err = fmt.Errorf("the reply is longer than %d MiB", maxReply>>20)
	}
	return b.Bytes(), err
}
