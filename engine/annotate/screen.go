package annotate

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/annotate/terminal"
)

// What a text typed by the person is for.
type purpose int

const (
	typesNothing purpose = iota
	typesEdit
	typesOwn
	typesNote
	typesPersona
)

// screen is the full-screen front end: keys in, a picture out. All that it
// knows beside the desk is where the cursor is and what is being typed.
type screen struct {
	*desk
	terminal.Canvas
	ctx      context.Context
	selected int // suggestion under the cursor, 0-based
	scroll   terminal.Scroll
	helping  bool
	typing   purpose
	input    terminal.Input
	asking   *choice // one key is awaited; nil none
	message  string
	failed   bool // message is an error
	text     terminal.Wrapped
}

// choice asks for one key: a number of options, enter for none of them, esc to go
// back. It never stands where a number would take a suggestion unseen.
type choice struct {
	what    string
	options []string
	chosen  func(option string) tea.Cmd
	back    func()
}

// readyMsg: the suggestions that were awaited are there.
type readyMsg struct{}

func runScreen(ctx context.Context, d *desk) error {
	s := &screen{desk: d, ctx: ctx, Canvas: terminal.NewCanvas(d.o.NoColor), message: d.lastSaid()}
	return terminal.Run(ctx, s, d.o.In, d.o.Out)
}

func (s *screen) Init() tea.Cmd { return s.await() }

// await tells the screen when the current job ends.
func (s *screen) await() tea.Cmd {
	j := s.job
	if j == nil {
		return nil
	}
	return func() tea.Msg {
		<-j.done
		return readyMsg{}
	}
}

func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.Width, s.Height = msg.Width, msg.Height
	case readyMsg:
		// Nothing to do but draw: the desk sees that the job has ended.
	case terminal.Edited:
		if msg.Err != nil {
			return s, s.said("", msg.Err)
		}
		s.input.Set(msg.Text)
	case tea.KeyPressMsg:
		return s, s.key(msg)
	case tea.PasteMsg:
		// Pasted letters are text, never keys that decide something.
		if s.typing != typesNothing {
			s.input.Insert(msg.Content)
		}
	}
	return s, nil
}

func (s *screen) key(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	switch {
	case key == "ctrl+c":
		return tea.Quit
	case s.asking != nil:
		return s.choosing(key)
	case s.typing != typesNothing:
		return s.typingKey(key, msg)
	case s.helping:
		s.helping = false
		return nil
	}
	return s.deciding(key)
}

// deciding is a key while nothing is typed.
func (s *screen) deciding(key string) tea.Cmd {
	it, _ := s.item()
	switch key {
	case "q":
		return tea.Quit
	case "1", "2", "3", "4", "5":
		return s.said(s.choose(s.ctx, int(key[0]-'0')))
	case "enter":
		return s.said(s.choose(s.ctx, s.selected+1))
	case "up", "k":
		s.move(-1, len(it.Items))
	case "down", "j":
		s.move(1, len(it.Items))
	case "t", "space", "pgdown", "pgup":
		s.scroll.Key(key)
	case "?":
		s.helping = true
	case "s":
		if s.turn == nil {
			return s.said("", errNoChunk)
		}
		s.message = ""
		s.asking = &choice{what: "skip; why?", options: reasons, chosen: func(why string) tea.Cmd { return s.said(s.skip(why)) }}
	case "x":
		return s.said(s.bad())
	case "u":
		return s.said(s.back(s.ctx))
	case "r":
		return s.said(s.more(0))
	case "m":
		return s.said(s.more(s.selected + 1))
	default:
		return s.startTyping(key, it)
	}
	return nil
}

// choosing is a key while one is awaited.
func (s *screen) choosing(key string) tea.Cmd {
	c := s.asking
	switch {
	case key == "esc":
		s.asking = nil
		if c.back != nil {
			c.back()
		}
		s.message, s.failed = terminal.Cancelled, false
		return nil
	case key == "enter" || c.what == "skip; why?" && key == "s":
		s.asking = nil
		return c.chosen("")
	case len(key) == 1 && key[0] >= '1' && int(key[0]-'0') <= len(c.options):
		s.asking = nil
		return c.chosen(c.options[key[0]-'1'])
	}
	return nil
}

// askKinds asks for an own question's type and format, and takes it. Esc goes
// back to the text.
func (s *screen) askKinds(text string) {
	types, formats := s.offered()
	var k kinds
	s.typing, s.message = typesNothing, ""
	back := func() { s.typing = typesOwn }
	s.asking = &choice{what: "type", options: types, back: back, chosen: func(t string) tea.Cmd {
		k.Type = t
		s.asking = &choice{what: "format", options: formats, back: back, chosen: func(f string) tea.Cmd {
			k.Format = f
			said, err := s.own(s.ctx, text, k)
			if err != nil {
				s.typing = typesOwn // nobody types a sentence twice
			} else {
				s.input.Set("")
			}
			return s.said(said, err)
		}}
		return nil
	}}
}

// startTyping opens the input line for e, w, n and p.
func (s *screen) startTyping(key string, it item) tea.Cmd {
	value := ""
	switch key {
	case "e":
		if _, err := s.candidate(s.selected + 1); err != nil {
			return s.said("", err)
		}
		s.typing, value = typesEdit, it.Items[s.selected].Question
	case "w":
		s.typing = typesOwn
	case "n":
		s.typing = typesNote
		value = s.notes[s.hash()]
	case "p":
		if cmd, done := s.nextPersona(); done {
			return cmd
		}
		s.typing = typesPersona
	default:
		return nil
	}
	if _, ok := s.chunk(); !ok {
		s.typing = typesNothing
		return s.said("", errNoChunk)
	}
	s.message = ""
	s.input.Set(value)
	return nil
}

// nextPersona goes round the personas of the chunk; false without any.
func (s *screen) nextPersona() (tea.Cmd, bool) {
	list, err := s.others(s.ctx)
	if err != nil {
		return s.said("", err), true
	}
	if len(list) == 0 {
		return nil, false
	}
	it, _ := s.item()
	for range list { // the next one that is not asking already
		p := list[s.persona%len(list)]
		s.persona++
		if it.Persona == nil || *it.Persona != p.Description {
			next := s.persona
			cmd := s.said(s.speakAs(p))
			s.persona = next
			return cmd, true
		}
	}
	return nil, false
}

func (s *screen) typingKey(key string, msg tea.KeyPressMsg) tea.Cmd {
	switch key {
	case "esc":
		s.stopTyping()
		return s.said(terminal.Cancelled, nil)
	case "enter":
		return s.typed()
	case "ctrl+e":
		if s.o.Editor != "" {
			return terminal.Edit(s.o.Editor, s.input.Value())
		}
	}
	s.input.Press(msg)
	return nil
}

// typed does with the text what it was typed for. On an error it stays open:
// nobody types a sentence twice.
func (s *screen) typed() tea.Cmd {
	text := strings.TrimSpace(s.input.Value())
	if text == "" {
		s.stopTyping()
		return s.said(terminal.Cancelled, nil)
	}
	var said string
	var err error
	switch s.typing {
	case typesEdit:
		said, err = s.edit(s.ctx, s.selected+1, text)
	case typesOwn:
		s.askKinds(text)
		return nil
	case typesNote:
		said, err = "noted", s.note(text)
	case typesPersona:
		said, err = s.speakAs(Persona{Description: text})
	}
	if err == nil {
		s.stopTyping()
	}
	return s.said(said, err)
}

func (s *screen) stopTyping() {
	s.typing = typesNothing
	s.input.Set("")
}

// said shows what a key did and waits for the item that is current now.
func (s *screen) said(text string, err error) tea.Cmd {
	s.message, s.failed = text, err != nil
	if err != nil {
		s.message = err.Error()
		return nil
	}
	s.selected, s.scroll = 0, terminal.Scroll{}
	return s.await()
}

func (s *screen) move(by, n int) {
	s.selected = max(0, min(n-1, s.selected+by))
}
