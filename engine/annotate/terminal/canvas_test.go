package terminal_test

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/annotate/terminal"
)

// A picture has the size of its canvas, however much is drawn.
func TestFit(t *testing.T) {
	for _, lines := range []int{0, 3, 50} {
		c := terminal.Canvas{Width: 30, Height: 10, Plain: true}
		top := make([]string, lines)
		for i := range top {
			top[i] = strings.Repeat("休暇", 20)
		}
		got := strings.Split(c.Fit(top, []string{c.Rule(), "foot"}), "\n")
		if len(got) != 10 || got[9] != "foot" {
			t.Errorf("%d lines, the last is %q", len(got), got[len(got)-1])
		}
		for _, line := range got {
			if lipgloss.Width(line) > 30 {
				t.Errorf("too wide: %s", line)
			}
		}
	}
}

func TestBlockAndText(t *testing.T) {
	c := terminal.Canvas{Width: 20, Height: 10, Plain: true}
	if diff := cmp.Diff([]string{"note  one two three", "      four five six …"}, c.Block("note  ", "one two\nthree four five six seven", 2)); diff != "" {
		t.Error(diff)
	}
	want := []string{"chunk", " │ a", " │ (2 more lines: t)"}
	if diff := cmp.Diff(want, c.Text("chunk", []string{"a", "b", "c"}, 2, "t")); diff != "" {
		t.Error(diff)
	}
}

// Colour repeats what words and signs say; a plain canvas has none.
func TestColourOnlyRepeats(t *testing.T) {
	plain, coloured := terminal.NewCanvas(true), terminal.NewCanvas(false)
	for _, draw := range []func(*terminal.Canvas) string{
		func(c *terminal.Canvas) string { return c.Faint("text") },
		func(c *terminal.Canvas) string { return c.Strong("text") },
		func(c *terminal.Canvas) string { return c.Message("no \x1bspace", true) },
	} {
		bare, full := draw(&plain), draw(&coloured)
		if strings.Contains(bare, "\x1b") || !strings.Contains(full, bare) || full == bare {
			t.Errorf("plain %q, coloured %q", bare, full)
		}
	}
	if got := plain.Message("no \x1bspace", true); got != "! no ␛space" {
		t.Errorf("%q", got)
	}
}
