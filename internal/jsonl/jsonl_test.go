package jsonl_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/internal/jsonl"
)

func TestScan(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		seen []string
		end  jsonl.End
	}{
		"nothing":           {"", nil, jsonl.End{}},
		"lines":             {"{}\n[1]\n", []string{"1 {}", "2 [1]"}, jsonl.End{Lines: 2, Bytes: 7}},
		"blanks":            {"\n  {} \r\n\n{}\n", []string{"2 {}", "4 {}"}, jsonl.End{Lines: 4, Bytes: 12}},
		"a byte order mark": {"\xef\xbb\xbf{}\n", []string{"1 {}"}, jsonl.End{Lines: 1, Bytes: 6}},
		"a mark alone":      {"\xef\xbb\xbf", nil, jsonl.End{Bytes: 3}},
		"half a line":       {"{}\n{\"a", []string{"1 {}"}, jsonl.End{Lines: 1, Bytes: 3, Rest: []byte("{\"a")}},
		"a long line":       {strings.Repeat(" ", 200_000) + "{}\n", []string{"1 {}"}, jsonl.End{Lines: 1, Bytes: 200_003}},
	} {
		var seen []string
		end, err := jsonl.Scan(strings.NewReader(c.text), func(n int, line []byte) error {
			seen = append(seen, fmt.Sprint(n, " ", string(line)))
			return nil
		})
		if err != nil || !slices.Equal(seen, c.seen) {
			t.Errorf("%s: saw %q, want %q, err %v", name, seen, c.seen, err)
		}
		if len(end.Rest) == 0 {
			end.Rest = nil
		}
		if diff := cmp.Diff(c.end, end); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	own := errors.New("no more")
	if _, err := jsonl.Scan(strings.NewReader("{}\n{}\n"), func(int, []byte) error { return own }); err != own {
		t.Errorf("err = %v", err)
	}
}

// open gives the lines that are seen, what is cut, and the file's text after one
// more line.
func open(t *testing.T, text string) (seen []string, cut, after string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	foreign := errors.New("foreign")
	f, half, err := jsonl.Open(path, jsonl.Reader{
		Line: func(_ int, line []byte) error {
			if line[0] != '{' {
				return foreign
			}
			seen = append(seen, string(line))
			return nil
		},
		Half: func(_ int, half []byte) error {
			if half[0] != '{' && half[0] != 0 {
				return foreign
			}
			return nil
		},
	})
	if err == nil {
		if err := f.Append([]byte("{\"new\":1}\n")); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	data, readErr := os.ReadFile(path)
	if readErr != nil {
		t.Fatal(readErr)
	}
	return seen, string(half), string(data), err
}

func TestOpenMendsTheEnd(t *testing.T) {
	const added = "{\"new\":1}\n"
	for name, c := range map[string]struct{ text, seen, cut, after string }{
		"empty":                   {"", "", "", added},
		"whole":                   {"{}\n", "{}", "", "{}\n" + added},
		"no newline":              {"{}\n{\"a\":1}", "{} {\"a\":1}", "", "{}\n{\"a\":1}\n" + added},
		"no newline, but a blank": {"{} ", "{}", "", "{} \n" + added},
		"half":                    {"{}\n{\"a", "{}", "{\"a", "{}\n" + added},
		"half of the first":       {"{\"a", "", "{\"a", added},
		"zeros after a line":      {"{}\n\x00\x00", "{}", "\x00\x00", "{}\n" + added},
		"blanks at the end":       {"{}\n   ", "{}", "", "{}\n" + added},
	} {
		seen, cut, after, err := open(t, c.text)
		if err != nil || strings.Join(seen, " ") != c.seen || cut != c.cut || after != c.after {
			t.Errorf("%s: saw %q, cut %q, then %q, err %v", name, seen, cut, after, err)
		}
	}
}

func TestARefusedFileStaysAsItIs(t *testing.T) {
	for name, text := range map[string]string{
		"a foreign line": "{}\nhello\n{}\n{\"a", "a foreign end": "{}\n[1]", "half of something else": "hello", "the same behind a line": "{}\nhello", "a number may go on": "12",
	} {
		_, _, after, err := open(t, text)
		if err == nil || after != text {
			t.Errorf("%s: %q became %q, err %v", name, text, after, err)
		}
	}
}

func TestAppendAfterClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.jsonl")
	f, _, err := jsonl.Open(path, jsonl.Reader{Line: func(int, []byte) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for range 2 {
		if err := f.Append([]byte("{}\n")); err == nil {
			t.Error("a closed file was appended to")
		}
	}
}
