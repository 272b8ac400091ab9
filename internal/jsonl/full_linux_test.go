package jsonl_test

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"qgen-sidecar/internal/jsonl"
)

// A real write that fails half-way: the kernel takes what fits below the limit on
// a file's size, and then no more, as it does with a disk that fills up.
func TestAFailedWriteLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.jsonl")
	f, _, err := jsonl.Open(path, jsonl.Reader{Line: func(int, []byte) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	first, long, last := "{\"n\":1}\n", "{\"long\":\""+strings.Repeat("x", 4096)+"\"}\n", "{\"n\":2}\n"
	if err := f.Append([]byte(first)); err != nil {
		t.Fatal(err)
	}
	withFileLimit(t, uint64(len(first)+1000), func() {
		if err := f.Append([]byte(long)); err == nil {
			t.Error("the limit did not hold")
		}
		if data, _ := os.ReadFile(path); string(data) != first {
			t.Errorf("half a line is left: %d bytes", len(data))
		}
		if err := f.Append([]byte(last)); err != nil {
			t.Errorf("what fits is refused: %v", err)
		}
	})
	if data, _ := os.ReadFile(path); string(data) != first+last {
		t.Errorf("the file holds %q", data)
	}
}

// withFileLimit runs do while no file of this process may be longer.
func withFileLimit(t *testing.T, bytes uint64, do func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Skip(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: was.Max}); err != nil {
		t.Skip(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was)
	do()
}
