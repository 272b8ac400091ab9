package wire_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/rpc/wire"
)

// readAll reads to the end; a bad frame shows as "!" or "!long".
func readAll(t *testing.T, r *wire.Reader) []string {
	t.Helper()
	var got []string
	for range 1000 {
		msg, err := r.Read()
		var bad *wire.BadFrame
		switch {
		case err == io.EOF:
			return got
		case errors.As(err, &bad) && bad.TooLong:
			got = append(got, "!long")
		case errors.As(err, &bad):
			got = append(got, "!")
		case err != nil:
			t.Fatalf("Read: %v", err)
		default:
			got = append(got, string(msg))
		}
	}
	t.Fatal("Read never ended")
	return nil
}

func TestReader(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"lines", "{\"a\":1}\n{\"b\":2}\n", []string{`{"a":1}`, `{"b":2}`}},
		{"crlf, blanks and no last newline", " \r\n\t{}\r\n\n\n[1]", []string{"{}", "[1]"}},
		{"garbage is a line", "hello\n{}\n", []string{"hello", "{}"}},
		{"nothing", "", nil},
		{"only blanks", " \n\n", nil},
		{"a line over the limit", "{}\n{" + long + "}\n{}\n", []string{"{}", "!long", "{}"}},
		{"a last line over the limit", long, []string{"!long"}},
		{"headers", "Content-Length: 2\r\n\r\n{}Content-Length: 3\r\n\r\n[1]", []string{"{}", "[1]"}},
		{"lower case, blanks, other headers", "content-length :  2 \r\nContent-Type: x\r\n\r\n{}", []string{"{}"}},
		{"bare newlines", "Content-Length:2\n\n{}", []string{"{}"}},
		{"blank lines between", "Content-Length: 2\r\n\r\n{}\r\n\r\nContent-Length: 2\r\n\r\n[]", []string{"{}", "[]"}},
		{"a body over the limit", "Content-Length: 200\r\n\r\n" + long + "Content-Length: 2\r\n\r\n{}", []string{"!long", "{}"}},
		{"4 GiB promised, little sent", "Content-Length: 4294967296\r\n\r\nx", []string{"!long"}},
		{"no number", "Content-Length: many\r\n\r\nContent-Length: 2\r\n\r\n{}", []string{"!", "{}"}},
		{"negative", "Content-Length: -2\r\n\r\nContent-Length: 2\r\n\r\n{}", []string{"!", "{}"}},
		{"no length", "Content-Type: x\r\n\r\nContent-Length: 2\r\n\r\n{}", []string{"!", "{}"}},
		{"garbage before a length", "Cgarbage\nContent-Length: 2\r\n\r\n{}", []string{"{}"}},
		{"cut off", "Content-Length: 20\r\n\r\n{}", []string{"!"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := readAll(t, wire.NewReader(strings.NewReader(c.in), 100))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			slow := readAll(t, wire.NewReader(iotest.OneByteReader(strings.NewReader(c.in)), 100))
			if diff := cmp.Diff(c.want, slow); diff != "" {
				t.Errorf("byte by byte: %s", diff)
			}
		})
	}
}

func TestReaderKind(t *testing.T) {
	for in, want := range map[string]wire.Kind{"": wire.Unknown, "\n\n": wire.Unknown, "{}": wire.Lines, "[]": wire.Lines, "x": wire.Lines, "Content-Length: 2\n\n{}": wire.Headers, " c": wire.Headers} {
		r := wire.NewReader(strings.NewReader(in), 0)
		_, _ = r.Read()
		if r.Kind() != want {
			t.Errorf("%q: kind %d, want %d", in, r.Kind(), want)
		}
	}
}

// endless gives n bytes of x.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	if e.n <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.n)
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.n -= n
	return n, nil
}

// A message far over the limit is discarded while it is read.
func TestOversizeMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := readAll(t, wire.NewReader(&endless{n: 200 << 20}, 8<<20))
	runtime.ReadMemStats(&after)
	if diff := cmp.Diff([]string{"!long"}, got); diff != "" {
		t.Fatal(diff)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 12<<20 {
		t.Errorf("200 MiB against a limit of 8 MiB took %d MiB of allocations", used>>20)
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{"{}\n", "Content-Length: 2\r\n\r\n{}", "c:\n\n", "Content-Length: 99999999999\n\nx", "\x00\n\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := wire.NewReader(strings.NewReader(string(in)), 64)
		for n := 0; ; n++ {
			msg, err := r.Read()
			if err == io.EOF {
				return
			}
			if len(msg) > 64 {
				t.Fatalf("a message of %d bytes against a limit of 64", len(msg))
			}
			if n > len(in)+2 {
				t.Fatal("more messages than bytes")
			}
		}
	})
}
