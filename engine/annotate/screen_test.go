package annotate

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/annotate/terminal/terminaltest"
	"qgen-sidecar/engine/decisions"
)

// stage is a screen over a small gold set, driven key by key.
type stage struct {
	*screen
	t    *testing.T
	gold []string
}

func newStage(t *testing.T, chunks ...string) *stage {
	st := &stage{t: t}
	o := Options{Journal: filepath.Join(t.TempDir(), "gold.journal.jsonl"), Target: 100, NoColor: true, In: strings.NewReader(""), Out: new(bytes.Buffer),
		Now: func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }}
	for i, text := range chunks {
		o.Chunks = append(o.Chunks, Chunk{ID: i + 1, Text: text, Source: "handbook/leave.md"})
	}
	o.Suggest = func(_ context.Context, c Chunk, wish Wish) (Suggestions, error) {
		persona := wish.Persona
		if strings.HasPrefix(c.Text, "dead") {
			return Suggestions{}, errors.New("no endpoint could answer: a is cooling, again in 12 s")
		}
		who := "HR generalist in a small firm"
		if persona != nil {
			who = *persona
		}
		return Suggestions{Persona: &who, Items: []decisions.Suggestion{
			{Question: "what happens to my booked vacation if i go part time", QueryType: "how-to", QueryFormat: "search"},
			{Question: "Wie wird der Resturlaub beim Wechsel in Teilzeit berechnet?", QueryType: "fact", QueryFormat: "question"},
			{Question: "Does leave recalculation apply to days already booked?", QueryType: "fact", QueryFormat: "question", Warnings: []string{"repeats 6 words of the text"}},
		}}, nil
	}
	o.Save = func(_ context.Context, d decisions.Record) (int, error) {
		st.gold = append(st.gold, d.Question+" ("+d.QueryType+")")
		return len(st.gold), nil
	}
	o.Remove = func(_ context.Context, d decisions.Record) (int, error) {
		st.gold = st.gold[:len(st.gold)-1]
		return len(st.gold), nil
	}
	d, err := newDesk(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close() })
	st.screen = &screen{desk: d, ctx: context.Background(), Canvas: terminal.NewCanvas(true)}
	st.settle()
	return st
}

// settle waits for the current suggestions, as the program's loop does.
func (st *stage) settle() {
	if st.job != nil {
		<-st.job.done
		st.Update(readyMsg{})
	}
}

// press sends keys; a word that is no key is typed letter by letter. It
// reports whether the last one quits.
func (st *stage) press(keys ...string) (quits bool) {
	for _, k := range keys {
		for _, m := range terminaltest.Keys(k) {
			_, cmd := st.Update(m)
			quits = false
			if cmd != nil {
				_, quits = cmd().(tea.QuitMsg)
			}
			st.settle()
		}
	}
	return quits
}

func (st *stage) want(gold ...string) {
	st.t.Helper()
	if strings.Join(st.gold, "\n") != strings.Join(gold, "\n") {
		st.t.Errorf("gold set %q, want %q\n%s", st.gold, gold, st.picture())
	}
}

const (
	first  = "what happens to my booked vacation if i go part time (how-to)"
	second = "Wie wird der Resturlaub beim Wechsel in Teilzeit berechnet? (fact)"
)

func TestKeys(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		gold []string
	}{
		"number":                    {[]string{"2"}, []string{second}},
		"enter":                     {[]string{"enter"}, []string{first}},
		"arrows":                    {[]string{"down", "down", "up", "enter"}, []string{second}},
		"letters move":              {[]string{"jjjjk", "enter"}, []string{second}},
		"edit":                      {[]string{"j", "e", "backspace", "!", "enter"}, []string{"Wie wird der Resturlaub beim Wechsel in Teilzeit berechnet! (fact)"}},
		"edit dropped":              {[]string{"e", "x1q", "esc"}, nil},
		"keys are text there":       {[]string{"w", "1 sux? q", "enter", "enter", "enter"}, []string{"1 sux? q ()"}},
		"own with its kind":         {[]string{"w", "mine?", "enter", "1", "2"}, []string{"mine? (fact)"}},
		"own, back, changed":        {[]string{"w", "mine", "enter", "esc", "?", "enter", "9", "2", "enter"}, []string{"mine? (how-to)"}},
		"skip for a reason":         {[]string{"s", "3", "1"}, []string{first}},
		"skip, twice s":             {[]string{"s", "s", "1"}, []string{first}},
		"skip, taken back":          {[]string{"s", "esc", "2"}, []string{second}},
		"numbers there do not take": {[]string{"s", "9"}, nil},
		"empty own":                 {[]string{"w", "enter", "1"}, []string{first}},
		"clear the line":            {[]string{"e", "ctrl+u", "mine?", "enter"}, []string{"mine? (how-to)"}},
		"skip and undo":             {[]string{"s", "1", "u", "u", "2"}, []string{second}},
		"note":                      {[]string{"n", "hm", "enter", "1"}, []string{first}},
		"help":                      {[]string{"?", "1", "1"}, []string{first}},
		"persona":                   {[]string{"p", "a nurse", "enter", "1"}, []string{first}},
		"out of range":              {[]string{"5"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t, "one", "two", "three")
			st.press(c.keys...)
			st.want(c.gold...)
		})
	}
}

func TestQuitKeys(t *testing.T) {
	st := newStage(t, "one")
	if !st.press("q") {
		t.Error("q does not quit")
	}
	st = newStage(t, "one")
	if !st.press("w", "half a question", "ctrl+c") {
		t.Error("ctrl-c does not quit while typing")
	}
}

// Pasted text decides nothing, wherever the cursor is.
func TestPaste(t *testing.T) {
	st := newStage(t, "one", "two")
	st.Update(tea.PasteMsg{Content: "1\n2\nx"})
	st.want()
	st.press("w")
	st.Update(tea.PasteMsg{Content: "two\nlines\x1b[31m?"})
	st.press("enter", "enter", "enter")
	st.want("two lines[31m? ()")
}

// The number typed during an edit belongs to the suggestion it began with.
func TestEditKeepsItsSuggestion(t *testing.T) {
	st := newStage(t, "one")
	st.press("j", "e")
	st.Update(readyMsg{})
	st.press("!", "enter")
	st.want("Wie wird der Resturlaub beim Wechsel in Teilzeit berechnet?! (fact)")
}

func TestScreens(t *testing.T) {
	long := strings.Repeat("Employees who change from full to part time keep the leave earned so far. ", 30)
	for name, c := range map[string]struct {
		chunks        []string
		keys          []string
		width, height int
	}{
		"first":    {[]string{long, "two"}, nil, 80, 24},
		"wide":     {[]string{long, "two"}, []string{"s", "s", "u", "j"}, 120, 40},
		"skipping": {[]string{long, "two"}, []string{"s"}, 80, 24},
		"kinds":    {[]string{long, "two", "three"}, []string{"1", "w", "x?", "enter"}, 80, 24},
		"whole":    {[]string{long, "two"}, []string{"t", "pgdown"}, 80, 24},
		"typing":   {[]string{"休暇の残りは変更日に再計算されます。", "two"}, []string{"w", "休暇?"}, 80, 24},
		"dead":     {[]string{"dead", "two"}, nil, 80, 24},
		"end":      {[]string{"one"}, []string{"1"}, 80, 24},
		"help":     {[]string{"one"}, []string{"?"}, 80, 24},
		"hostile":  {[]string{"\x1b]0;x\x07\u202eright \x00 to left"}, nil, 80, 24},
		"cramped":  {[]string{long}, nil, 40, 16},
		"mistaken": {[]string{"one"}, []string{"5"}, 80, 24},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t, c.chunks...)
			st.Update(tea.WindowSizeMsg{Width: c.width, Height: c.height})
			st.press(c.keys...)
			terminaltest.CheckPicture(t, name, st.picture(), c.width, c.height)
		})
	}
}

// A sitting of a thousand keys on a large chunk stays quick: what is drawn at
// each key does not grow with what was decided.
func TestManyKeys(t *testing.T) {
	chunks := make([]string, 300)
	for i := range chunks {
		chunks[i] = strings.Repeat("word ", i+1)
	}
	st := newStage(t, chunks...)
	for range 290 {
		st.press("s", "s")
		st.picture()
	}
	if st.skipped != 290 {
		t.Errorf("skipped %d", st.skipped)
	}
}

// Through the real program: bytes of a terminal in, escape sequences out.
func TestProgram(t *testing.T) {
	st := newStage(t, "one", "two")
	o := st.o
	st.close()
	var out bytes.Buffer
	// Suggestions may or may not be there: an own question needs none.
	o.In, o.Out, o.IsTerminal, o.Journal = strings.NewReader("wmine?\r\r\rq"), &out, true, filepath.Join(t.TempDir(), "j")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := Run(ctx, o); err != nil {
		t.Fatal(err)
	}
	st.want("mine? ()")
	if !strings.Contains(out.String(), "saved: 1 of 100") {
		t.Errorf("no last line in %q", out.String())
	}
}
