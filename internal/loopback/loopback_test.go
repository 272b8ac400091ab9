package loopback_test

import (
	"strings"
	"testing"

	"qgen-sidecar/internal/loopback"
)

func TestResolve(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1:0": "127.0.0.1:0", "localhost:6334": "127.0.0.1:6334", "[::1]:65535": "[::1]:65535", "127.9.9.9:1": "127.9.9.9:1",
		"0.0.0.0:1": "!loopback address", "example.com:1": "!loopback address", ":1": "!loopback address", "[::]:1": "!loopback address",
		"127.0.0.1": "!host:port", "": "!host:port", "127.0.0.1:": "!port", "127.0.0.1:70000": "!port", "127.0.0.1:-1": "!port", "127.0.0.1:http": "!port",
	} {
		got, err := loopback.Resolve(in)
		text, refused := strings.CutPrefix(want, "!")
		switch {
		case refused && (err == nil || !strings.Contains(err.Error(), text)):
			t.Errorf("%q: %q, %v; want an error about the %s", in, got, err, text)
		case !refused && (err != nil || got != want):
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}
