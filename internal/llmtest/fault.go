package llmtest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind is a way to misbehave.
type Kind int

const (
	Status        Kind = iota // Fault.Status with Fault.Header and Fault.Body
	Hang                      // no answer until the client leaves
	Reset                     // the connection closes without an answer
	Cut                       // the connection closes in the middle of the body
	Malformed                 // a 200 whose body is no JSON
	ErrorIn200                // a 200 with {"error": …}
	NoChoices                 // "choices": []
	EmptyContent              // a choice with content ""
	Length                    // the reply cut in half, finish_reason "length"
	Refusal                   // content null, refusal set
	ContentFilter             // content "", finish_reason "content_filter"
	Slow                      // nothing but Fault.Latency
)

// Fault is what happens to one request instead of, or to, its answer.
type Fault struct {
	Kind    Kind
	Status  int               // of Kind Status
	Header  map[string]string // e.g. Retry-After, x-ratelimit-remaining-requests
	Body    string            // of Kind Status; "": an OpenAI error object
	Code    string            // the error object's code, e.g. insufficient_quota
	Latency time.Duration     // instead of the server's
}

// HTTP is the fault of answering with this status; headers come in pairs.
func HTTP(status int, headers ...string) *Fault {
	f := &Fault{Status: status, Header: map[string]string{}}
	for i := 0; i+1 < len(headers); i += 2 {
		f.Header[headers[i]] = headers[i+1]
	}
	return f
}

// misbehave answers in the place of the handler; false leaves it to the
// handler (faults of a reply's content need the reply).
func (s *Server) misbehave(w http.ResponseWriter, hr *http.Request, f *Fault) bool {
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	switch f.Kind {
	case Status:
		s.statusFault(w, f)
	case Hang:
		select {
		case <-hr.Context().Done():
		case <-s.done:
		}
		panic(http.ErrAbortHandler)
	case Reset:
		panic(http.ErrAbortHandler)
	case Cut:
		s.cut(w)
	case Malformed:
		s.writeRaw(w, 200, []byte(`{"id": "cut", "choices": [{"message": {"content": oops`))
	case ErrorIn200:
		s.writeJSON(w, 200, errorBody("upstream failed", "server_error", f.Code))
	default:
		return false
	}
	return true
}

func (s *Server) statusFault(w http.ResponseWriter, f *Fault) {
	if f.Body != "" {
		s.writeRaw(w, f.Status, []byte(f.Body))
		return
	}
	s.writeError(w, f.Status, "injected "+strconv.Itoa(f.Status)+" "+http.StatusText(f.Status), "llmtest", f.Code, nil)
}

// cut promises more bytes than it sends.
func (s *Server) cut(w http.ResponseWriter) {
	s.count(200)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "4096")
	w.WriteHeader(200)
	w.Write([]byte(`{"id": "cut", "object": "chat.completion", "choices": [{"message": {"con`))
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}

// spoil changes the one choice of a good reply as the fault says.
func spoil(f *Fault, text, finish string) (content, refusal any, reason string) {
	if f == nil {
		return text, nil, finish
	}
	switch f.Kind {
	case EmptyContent:
		return "", nil, "stop"
	case Length:
		return strings.ToValidUTF8(text[:len(text)/2], ""), nil, "length"
	case Refusal:
		return nil, "I cannot help with that.", "stop"
	case ContentFilter:
		return "", nil, "content_filter"
	}
	return text, nil, finish
}
