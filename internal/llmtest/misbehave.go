package llmtest

import (
	"net/http"
	"strconv"
)

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
