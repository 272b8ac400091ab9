package fault_test

import (
	"errors"
	"testing"

	"qgen-sidecar/internal/fault"
)

func TestDialled(t *testing.T) {
	for said, want := range map[string]string{
		`Post "http://127.0.0.1:9/v1": dial tcp 127.0.0.1:9: connect: connection refused`: "127.0.0.1:9: connection refused",
		`dial tcp: lookup no.invalid on 10.0.0.53:53: no such host`:                       "no.invalid: no such host",
		`dial tcp [::1]:9: i/o timeout`:                                                   "[::1]:9: i/o timeout",
		`rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:9: connect: connection refused"`: "127.0.0.1:9: connection refused",
		`the host is gone`: "the host is gone",
	} {
		if got := fault.Dialled(errors.New(said)); got != want {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
}
