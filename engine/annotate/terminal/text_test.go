package terminal_test

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/annotate/terminal"
)

func TestShort(t *testing.T) {
	if got := terminal.Short(" a\n\x1b[31mb\tc ", 40); got != "a ␛[31mb c" {
		t.Errorf("%q", got)
	}
	if got := terminal.Short("abcdef", 4); got != "abc…" {
		t.Errorf("%q", got)
	}
}

func TestWrap(t *testing.T) {
	for _, text := range []string{"", "one", strings.Repeat("word ", 100), strings.Repeat("x", 500), strings.Repeat("休暇", 100), "a\tb\n\nc", "\x1b]0;x\x07\u202e\x00"} {
		for _, line := range terminal.Wrap(text, 20) {
			if lipgloss.Width(line) > 20 || strings.ContainsAny(line, "\x1b\x07\x00\u202e\t") {
				t.Errorf("%q of %.20q", line, text)
			}
		}
	}
	if diff := cmp.Diff([]string{"a    b", "", "c"}, terminal.Wrap(" a\tb\n\nc\n", 20)); diff != "" {
		t.Error(diff)
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		terminal.Kind("fact", "question"): "fact · question",
		terminal.Kind("", "question"):     "question",
		terminal.Kind("", ""):             "",
		terminal.Pace(4.4, 100):           "  4 s each  ~7 min left",
		terminal.Pace(4.4, 1):             "  4 s each  ~1 min left",
		terminal.Pace(4.4, 0):             "  4 s each",
		terminal.Bar(10, 3, 9):            " [###.......]",
		terminal.Bar(4, 9, 3):             " [####]",
		terminal.Bar(0, 1, 2):             "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWrappedFollowsTextAndWidth(t *testing.T) {
	var w terminal.Wrapped
	long := strings.Repeat("word ", 30)
	if n := len(w.Lines("a", long, 50)); n != 3 || w.Words != 30 {
		t.Errorf("%d lines, %d words", n, w.Words)
	}
	if n := len(w.Lines("a", long, 25)); n != 6 {
		t.Errorf("%d lines in half the width", n)
	}
	if n := len(w.Lines("b", "short", 25)); n != 1 || w.Words != 1 {
		t.Errorf("another text: %d lines, %d words", n, w.Words)
	}
}

func TestScroll(t *testing.T) {
	lines := make([]string, 40)
	for i := range lines {
		lines[i] = strings.Repeat("x", i)
	}
	var s terminal.Scroll
	see := func() (first int, rest string) {
		got, rest := s.Window(lines, 10)
		return len(got[0]), rest
	}
	for _, c := range []struct {
		key   string
		first int
		rest  string
	}{
		{"", 0, "t"}, {"t", 0, "page down"}, {"pgdown", 10, "page down"}, {"pgdown", 20, "page down"},
		{"pgdown", 30, "page down"}, {"pgdown", 31, "page down"}, {"pgup", 21, "page down"}, {"space", 0, "t"},
	} {
		s.Key(c.key)
		if first, rest := see(); first != c.first || rest != c.rest {
			t.Errorf("after %q: from line %d, rest by %q; want %d, %q", c.key, first, rest, c.first, c.rest)
		}
	}
}
