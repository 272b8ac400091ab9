package scoring

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/annotate/terminal/terminaltest"
)

func newStage(t *testing.T, text string) (*screen, *[]int) {
	t.Helper()
	var kept []int
	o := Options{NoColor: true, In: strings.NewReader(""), Out: new(bytes.Buffer),
		Now: func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) },
		Save: func(_ context.Context, _ Output, score int, _ []string) error {
			kept = append(kept, score)
			return nil
		},
		Outputs: []Output{
			{ID: "1", ChunkText: text, Persona: "HR generalist in a small firm", GoldQuestion: "Wie wird der Resturlaub beim Wechsel in Teilzeit berechnet?",
				Asked: "According to the text, what happens to leave?"},
			{ID: "2", ChunkText: "Another text.", GoldQuestion: "And the other gold one?", Asked: "And the other one?"},
		}}
	d := newSitting(o)
	return &screen{sitting: d, ctx: context.Background(), Canvas: terminal.NewCanvas(true)}, &kept
}

func (s *screen) press(keys ...string) (quits bool) {
	for _, k := range keys {
		for _, m := range terminaltest.Keys(k) {
			if _, cmd := s.Update(m); cmd != nil {
				_, quits = cmd().(tea.QuitMsg)
			}
		}
	}
	return quits
}

func TestScoreScreens(t *testing.T) {
	long := strings.Repeat("Employees who change from full to part time keep the leave earned so far. ", 30)
	for name, c := range map[string]struct {
		text          string
		keys          []string
		width, height int
	}{
		"score-first":   {long, nil, 80, 24},
		"score-wide":    {long, []string{"2", "v"}, 120, 40},
		"score-whole":   {long, []string{"t", "pgdown"}, 80, 24},
		"score-help":    {"one", []string{"?"}, 80, 24},
		"score-end":     {"one", []string{"4", "5"}, 80, 24},
		"score-hostile": {"\x1b]0;x\x07\u202eright \x00 to left " + strings.Repeat("x", 1<<20), nil, 80, 24},
		"score-cramped": {long, nil, 40, 14},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStage(t, c.text)
			s.Update(tea.WindowSizeMsg{Width: c.width, Height: c.height})
			s.press(c.keys...)
			terminaltest.CheckPicture(t, name, s.picture(), c.width, c.height)
		})
	}
}

func TestScoreKeys(t *testing.T) {
	s, kept := newStage(t, "one")
	if quits := s.press("4", "u", "2", "c", "t", "t", "?", "z", "5", "q"); !quits {
		t.Error("q does not quit")
	}
	// 4, taken back, 2, the same 2 with its mark, 5
	if want := []int{4, 0, 2, 2, 5}; len(*kept) != len(want) || (*kept)[4] != 5 || (*kept)[1] != 0 {
		t.Errorf("kept %v, want %v", *kept, want)
	}
	if !s.press("ctrl+c") {
		t.Error("ctrl+c does not quit")
	}
}

// Through the real program: bytes of a terminal in.
func TestScoreProgram(t *testing.T) {
	s, kept := newStage(t, "one")
	o := s.o
	var out bytes.Buffer
	o.In, o.Out, o.IsTerminal = strings.NewReader("4q"), &out, true
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := Run(ctx, o); err != nil {
		t.Fatal(err)
	}
	if len(*kept) != 1 || !strings.Contains(out.String(), "saved: 1 of 2 outputs are scored") {
		t.Errorf("kept %v, said %q", *kept, out.String())
	}
}
