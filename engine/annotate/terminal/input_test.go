package terminal_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/annotate/terminal/terminaltest"
)

func TestInputKeys(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		want string
	}{
		"typed":                {[]string{"abc"}, "one two threeabc"},
		"at the beginning":     {[]string{"home", "x"}, "xone two three"},
		"left, right, end":     {[]string{"left", "left", "right", "x", "end", "y"}, "one two threxey"},
		"backspace":            {[]string{"backspace", "backspace"}, "one two thr"},
		"delete":               {[]string{"home", "delete"}, "ne two three"},
		"nothing to delete":    {[]string{"delete", "home", "backspace"}, "one two three"},
		"a word back":          {[]string{"ctrl+w"}, "one two "},
		"a word back, twice":   {[]string{"ctrl+w", "ctrl+w"}, "one "},
		"over words":           {[]string{"alt+left", "alt+left", "x", "alt+right", "y"}, "one xtwoy three"},
		"to the beginning":     {[]string{"alt+left", "ctrl+u"}, "three"},
		"to the end":           {[]string{"alt+left", "ctrl+k"}, "one two "},
		"a key without a text": {[]string{"pgup", "up"}, "one two three"},
	} {
		t.Run(name, func(t *testing.T) {
			var in terminal.Input
			in.Set(" one  two\nthree ")
			for _, k := range c.keys {
				for _, msg := range terminaltest.Keys(k) {
					in.Press(msg)
				}
			}
			if got := in.Value(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// What is pasted is one line, without controls, and no longer than a question may be.
func TestInputInsert(t *testing.T) {
	var in terminal.Input
	in.Insert("two\nlines\x1b[31m?")
	if got := in.Value(); got != "two lines[31m?" {
		t.Errorf("%q", got)
	}
	in.Insert(strings.Repeat("ä", 10_000))
	if n := utf8.RuneCountInString(in.Value()); n != 4000 {
		t.Errorf("%d characters, want 4000", n)
	}
}

// The cursor is in view wherever it is, and the line never wider than its place.
func TestInputView(t *testing.T) {
	var in terminal.Input
	in.Set(strings.Repeat("休暇の残り", 40))
	for range 200 {
		view := in.View(30)
		if n := lipgloss.Width(view); n > 30 || !strings.Contains(view, "▏") {
			t.Fatalf("%d cells: %s", n, view)
		}
		in.Press(terminaltest.Keys("left")[0])
	}
	if view := in.View(30); !strings.HasPrefix(view, "▏休暇") {
		t.Errorf("at the beginning: %s", view)
	}
}
