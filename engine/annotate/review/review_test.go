package review

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/annotate/terminal/terminaltest"
)

// reviewing is a review over a gold set in memory.
type reviewing struct {
	*review
	gold []string
	err  error
}

func newReviewing(questions ...string) *reviewing {
	v := &reviewing{gold: questions}
	var entries []Entry
	for i, q := range questions {
		entries = append(entries, Entry{ChunkText: fmt.Sprintf("Chunk %d is about booked days.", i), Persona: "HR generalist", Question: q, QueryType: "fact"})
	}
	v.review = &review{ctx: context.Background(), Canvas: terminal.NewCanvas(true), entries: slices.Clone(entries), o: Options{
		Reword: func(_ context.Context, e Entry, question string) error {
			if v.err == nil {
				v.gold[slices.Index(v.gold, e.Question)] = question
			}
			return v.err
		},
		Remove: func(_ context.Context, e Entry) error {
			v.gold = slices.DeleteFunc(v.gold, func(q string) bool { return q == e.Question })
			return v.err
		},
		Restore: func(_ context.Context, e Entry) error { v.gold = append(v.gold, e.Question); return v.err },
	}}
	return v
}

func (v *reviewing) press(keys ...string) (quits bool) {
	for _, k := range keys {
		for _, m := range terminaltest.Keys(k) {
			if _, cmd := v.Update(m); cmd != nil {
				_, quits = cmd().(tea.QuitMsg)
			}
		}
	}
	return quits
}

func TestReview(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		want []string
		says string
	}{
		"edit":               {[]string{"j", "e", "!", "enter"}, []string{"a?", "b?!", "c?"}, "changed"},
		"edit, cancelled":    {[]string{"e", "x", "esc"}, []string{"a?", "b?", "c?"}, terminal.Cancelled},
		"edit to nothing":    {[]string{"e", "ctrl+u", "enter"}, []string{"a?", "b?", "c?"}, terminal.Cancelled},
		"take out":           {[]string{"j", "d", "y"}, []string{"a?", "c?"}, "u puts it back"},
		"not quite":          {[]string{"d", "n"}, []string{"a?", "b?", "c?"}, terminal.Cancelled},
		"y alone is nothing": {[]string{"y"}, []string{"a?", "b?", "c?"}, ""},
		"back again":         {[]string{"d", "y", "u"}, []string{"b?", "c?", "a?"}, "put back"},
		"nothing to undo":    {[]string{"u"}, []string{"a?", "b?", "c?"}, "nothing was taken out"},
		"all out":            {[]string{"d", "y", "d", "y", "d", "y", "e", "d", "j"}, nil, ""},
		"find, edit":         {[]string{"/", "Chunk 2", "enter", "e", "!", "enter"}, []string{"a?", "b?", "c?!"}, "changed"},
		"find nothing":       {[]string{"/", "zebra", "enter"}, []string{"a?", "b?", "c?"}, `no entry has "zebra"`},
	} {
		t.Run(name, func(t *testing.T) {
			v := newReviewing("a?", "b?", "c?")
			v.press(c.keys...)
			if !slices.Equal(v.gold, c.want) || !strings.Contains(v.message, c.says) {
				t.Errorf("gold %q, said %q; want %q, %q", v.gold, v.message, c.want, c.says)
			}
			v.picture()
		})
	}
	if !newReviewing("a?").press("q") || !newReviewing("a?").press("ctrl+c") {
		t.Error("q and ctrl+c do not quit")
	}
}

// What could not be written is not shown as changed, and the text is kept.
func TestReviewWithAFullDisk(t *testing.T) {
	v := newReviewing("a?", "b?")
	v.err = errors.New("no space left on device")
	v.press("e", "!", "enter")
	if v.entries[0].Question != "a?" || v.typing != "edit" || v.input.Value() != "a?!" || !v.failed {
		t.Errorf("%+v, typing %q %q", v.entries[0], v.typing, v.input.Value())
	}
}

func TestReviewScreens(t *testing.T) {
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("What happens to booked days in month %d?", i+1))
	}
	many[20] = "According to the text, \x1b[31mwhat\u202e happens?"
	for name, c := range map[string]struct {
		keys          []string
		width, height int
	}{
		"review-first": {nil, 80, 24},
		"review-far":   {[]string{"pgdown", "pgdown"}, 80, 24},
		"review-edit":  {[]string{"j", "e"}, 120, 40},
		"review-sure":  {[]string{"d"}, 80, 24},
	} {
		t.Run(name, func(t *testing.T) {
			v := newReviewing(many...)
			v.Update(tea.WindowSizeMsg{Width: c.width, Height: c.height})
			v.press(c.keys...)
			terminaltest.CheckPicture(t, name, v.picture(), c.width, c.height)
		})
	}
}

// Through the real program: bytes of a terminal in, escape sequences and a last line out.
func TestReviewProgram(t *testing.T) {
	v := newReviewing("a?", "b?", "c?")
	o := v.o
	var out bytes.Buffer
	o.Entries, o.NoColor, o.In, o.Out = v.entries, true, strings.NewReader("jdyq"), &out
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := Run(ctx, o); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(v.gold, []string{"a?", "c?"}) || !strings.Contains(out.String(), "saved: 2 entries, 0 changed, 1 taken out\n") {
		t.Errorf("gold %q, said %q", v.gold, out.String())
	}
	o.Entries = nil
	if err := Run(ctx, o); err == nil || !strings.Contains(err.Error(), "the gold set is empty") {
		t.Errorf("an empty gold set: %v", err)
	}
}
