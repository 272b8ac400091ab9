package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/annotate/terminal"
)

// Entry is one entry of the gold set, to look through.
type Entry struct {
	ChunkText, Persona, Question, QueryType, QueryFormat string
}

// Options of Run. All but Editor are required. Reword and Remove change the gold set
// before they return; Restore puts a removed entry back.
type Options struct {
	Entries []Entry
	Reword  func(ctx context.Context, e Entry, question string) error
	Remove  func(ctx context.Context, e Entry) error
	Restore func(ctx context.Context, e Entry) error
	In      io.Reader
	Out     io.Writer
	NoColor bool   // NO_COLOR is set
	Editor  string // $EDITOR, "": edit in place only
}

// Run lets a person look through the gold set on a terminal, and mend it, until she quits
// or ctx ends. An empty gold set is an error.
func Run(ctx context.Context, o Options) error {
	if len(o.Entries) == 0 {
		return errors.New("gold review: the gold set is empty; annotate fills it")
	}
	r := &review{o: o, ctx: ctx, Canvas: terminal.NewCanvas(o.NoColor), entries: append([]Entry(nil), o.Entries...)}
	err := terminal.Run(ctx, r, o.In, o.Out)
	if err == nil {
		_, err = fmt.Fprintf(o.Out, "saved: %d entries, %d changed, %d taken out\n", len(r.entries), r.changed, len(r.removed))
	}
	return err
}

// review is the list of entries with one of them open below.
type review struct {
	terminal.Canvas
	o       Options
	ctx     context.Context
	entries []Entry
	at      int
	find    string
	typing  string // "find", "edit", "" nothing
	sure    bool   // d was pressed: y takes out
	input   terminal.Input
	message string
	failed  bool
	changed int
	removed []removal
	text    terminal.Wrapped
}

type removal struct {
	at    int
	entry Entry
}

func (r *review) Init() tea.Cmd { return nil }

func (r *review) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.Width, r.Height = msg.Width, msg.Height
	case terminal.Edited:
		if msg.Err != nil {
			r.say("", msg.Err)
		} else {
			r.input.Set(msg.Text)
		}
	case tea.PasteMsg:
		if r.typing != "" {
			r.input.Insert(msg.Content)
		}
	case tea.KeyPressMsg:
		return r, r.pressed(msg)
	}
	return r, nil
}

func (r *review) pressed(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	switch {
	case key == "ctrl+c":
		return tea.Quit
	case r.typing != "":
		return r.typed(key, msg)
	case r.sure:
		r.sure = false
		if key == "y" {
			r.remove()
		} else {
			r.say(terminal.Cancelled, nil)
		}
		return nil
	}
	switch key {
	case "q":
		return tea.Quit
	case "up", "k":
		r.move(-1)
	case "down", "j":
		r.move(1)
	case "pgup":
		r.move(-10)
	case "pgdown":
		r.move(10)
	case "g", "home":
		r.move(-len(r.entries))
	case "G", "end":
		r.move(len(r.entries))
	case "/":
		r.typing = "find"
		r.input.Set(r.find)
	case "e", "enter":
		if len(r.entries) > 0 {
			r.typing = "edit"
			r.input.Set(r.entries[r.at].Question)
		}
	case "d":
		r.sure = len(r.entries) > 0
	case "u":
		r.undo()
	}
	return nil
}

// move goes to the next entry in a direction that has what is looked for.
func (r *review) move(by int) {
	r.message = ""
	step := 1
	if by < 0 {
		step, by = -1, -by
	}
	for at := r.at + step; at >= 0 && at < len(r.entries) && by > 0; at += step {
		if r.fits(at) {
			r.at = at
			by--
		}
	}
}

func (r *review) fits(at int) bool {
	e := r.entries[at]
	text := strings.ToLower(e.Question + "\n" + e.ChunkText + "\n" + e.Persona + "\n" + e.QueryType)
	return r.find == "" || strings.Contains(text, strings.ToLower(r.find))
}

func (r *review) typed(key string, msg tea.KeyPressMsg) tea.Cmd {
	switch key {
	case "esc":
		r.typing = ""
		r.say(terminal.Cancelled, nil)
	case "enter":
		text := strings.TrimSpace(r.input.Value())
		if r.typing == "find" {
			r.look(text)
		} else {
			r.reword(text)
		}
	case "ctrl+e":
		if r.o.Editor != "" && r.typing == "edit" {
			return terminal.Edit(r.o.Editor, r.input.Value())
		}
	default:
		r.input.Press(msg)
	}
	return nil
}

func (r *review) look(text string) {
	r.typing, r.find = "", text
	for i := range r.entries {
		if at := (r.at + i) % len(r.entries); r.fits(at) {
			r.at = at
			r.say("", nil)
			return
		}
	}
	r.find = ""
	r.say("", fmt.Errorf("no entry has %q", terminal.Short(text, 40)))
}

func (r *review) reword(text string) {
	e := r.entries[r.at]
	if text == "" || text == e.Question {
		r.typing = ""
		r.say(terminal.Cancelled, nil)
		return
	}
	if err := r.o.Reword(r.ctx, e, text); err != nil {
		r.say("", err) // it stays open: nobody types a sentence twice
		return
	}
	r.typing = ""
	r.entries[r.at].Question = text
	r.changed++
	r.say("changed", nil)
}

func (r *review) remove() {
	e := r.entries[r.at]
	if err := r.o.Remove(r.ctx, e); err != nil {
		r.say("", err)
		return
	}
	r.removed = append(r.removed, removal{r.at, e})
	r.entries = append(r.entries[:r.at:r.at], r.entries[r.at+1:]...)
	r.at = max(0, min(r.at, len(r.entries)-1))
	r.say("taken out; u puts it back", nil)
}

func (r *review) undo() {
	if len(r.removed) == 0 {
		r.say("", errors.New("nothing was taken out"))
		return
	}
	last := r.removed[len(r.removed)-1]
	if err := r.o.Restore(r.ctx, last.entry); err != nil {
		r.say("", err)
		return
	}
	r.removed = r.removed[:len(r.removed)-1]
	r.entries = append(r.entries[:last.at:last.at], append([]Entry{last.entry}, r.entries[last.at:]...)...)
	r.at = last.at
	r.say("put back, at the end of the file", nil)
}

func (r *review) say(text string, err error) {
	r.message, r.failed = text, err != nil
	if err != nil {
		r.message = err.Error()
	}
}
