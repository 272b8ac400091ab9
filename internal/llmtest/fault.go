package llmtest

import (
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
