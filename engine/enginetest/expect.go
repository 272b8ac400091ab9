package enginetest

import (
	"errors"
	"strings"
	"testing"
)

// Must gives the value of a call that has to succeed. It takes the test in a second
// call, so that a function with two results can be its argument:
//
//	r := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{}))(t)
func Must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %T %v", err, err)
		}
		return v
	}
}

// As gives an error as the type that it has to have.
func As[E error](t *testing.T, err error) E {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Fatalf("err = %T %v, want %T", err, err, want)
	}
	return want
}

// Warned says whether part stands in one of the warnings.
func Warned(warnings []string, part string) bool {
	return strings.Contains(strings.Join(warnings, "\n"), part)
}
