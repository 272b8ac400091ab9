package clip_test

import (
	"testing"

	"qgen-sidecar/internal/clip"
)

func TestRunesAndFit(t *testing.T) {
	for _, c := range []struct {
		in        string
		n         int
		clip, fit string
	}{
		{"", 3, "", ""},
		{"abc", 3, "abc", "abc"},
		{"abcd", 3, "abc…", "ab…"},
		{"äöü", 3, "äöü", "äöü"},
		{"äöüß", 3, "äöü…", "äö…"},
		{"a\xffbc", 2, "a\xff…", "a…"},
		{"abc", 1, "a…", "…"},
	} {
		if got := clip.Runes(c.in, c.n); got != c.clip {
			t.Errorf("Runes(%q, %d) = %q, want %q", c.in, c.n, got, c.clip)
		}
		if got := clip.Fit(c.in, c.n); got != c.fit {
			t.Errorf("Fit(%q, %d) = %q, want %q", c.in, c.n, got, c.fit)
		}
	}
}

func TestOneLine(t *testing.T) {
	if got := clip.OneLine(" a\n\tb  c "); got != "a b c" {
		t.Errorf("%q", got)
	}
}
