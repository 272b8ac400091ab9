// Package fault has the errors that rooms who do not know each other share, one type a
// case. Each is known under the name of the room that gives it, too: program.ReplyError,
// dispatcher.ReplyError and api.ReplyError are this one.
//
// It leaves out the errors of one room alone, and what they mean on the wire
// (rpc/errors.go).
package fault

import "fmt"

// ParamError: a parameter is wrong; the caller's fault.
type ParamError struct {
	Param    string // "count", "optimizer.name"
	Expected string // "a whole number of at least 1"
	Found    string // "0"
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("parameter %s: expected %s, found %s", e.Param, e.Expected, e.Found)
}

// FileError: a file is unusable. Line is 1-based, 0 when not known; At is a place in a
// file of JSON (analyzer.demos[3].query), "" when not known.
type FileError struct {
	Path, At string
	Line     int
	Reason   string
	Err      error // the system's, may be nil
}

func (e *FileError) Unwrap() error { return e.Err }

func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.Path, e.Line, e.Why())
	}
	return e.Path + ": " + e.Why()
}

// Why is the reason with its place in the file.
func (e *FileError) Why() string {
	if e.At == "" {
		return e.Reason
	}
	return "at " + e.At + ": " + e.Reason
}

// ReplyError: a model answered, also after retries, but nothing that can be used: it was
// refused, empty, cut off or could not be read. It is a fault of the call, never a
// score. Reply is the last one, Predictor the step that it was for, "" when not known.
type ReplyError struct {
	Role, Predictor, Reply, Reason string
	// GivenUp: it ended the call that asked, and not one example of many.
	GivenUp bool
}

func (e *ReplyError) Error() string {
	switch {
	case e.GivenUp:
		return fmt.Sprintf("the %s model's reply could not be used after retries: %s", e.Role, e.Why())
	case e.Predictor == "":
		return fmt.Sprintf("the %s model's reply could not be used: %s", e.Role, e.Reason)
	}
	return fmt.Sprintf("the %s's reply could not be used: %s", e.Predictor, e.Reason)
}

// Why is the reason with its predictor.
func (e *ReplyError) Why() string {
	if e.Predictor == "" {
		return e.Reason
	}
	return e.Predictor + ": " + e.Reason
}
