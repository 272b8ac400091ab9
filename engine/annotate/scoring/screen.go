package scoring

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/annotate/terminal"
)

// screen is scoring's full-screen front end.
type screen struct {
	*sitting
	terminal.Canvas
	ctx     context.Context
	scroll  terminal.Scroll
	helping bool
	message string
	failed  bool
	text    terminal.Wrapped
}

func (d *sitting) runScreen(ctx context.Context) error {
	s := &screen{sitting: d, ctx: ctx, Canvas: terminal.NewCanvas(d.o.NoColor)}
	return terminal.Run(ctx, s, d.o.In, d.o.Out)
}

func (s *screen) Init() tea.Cmd { return nil }

func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.Width, s.Height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return s, s.pressed(msg.String())
	}
	return s, nil
}

func (s *screen) pressed(key string) tea.Cmd {
	if key == "ctrl+c" {
		return tea.Quit
	}
	if s.helping {
		s.helping = false
		return nil
	}
	switch key {
	case "q":
		return tea.Quit
	case "?":
		s.helping = true
	case "t", "space", "pgdown", "pgup":
		s.scroll.Key(key)
	default:
		if said, err, known := s.key(s.ctx, key); known {
			s.message, s.failed, s.scroll = said, err != nil, terminal.Scroll{}
			if err != nil {
				s.message = err.Error()
			}
		}
	}
	return nil
}

func (s *screen) View() tea.View { return terminal.View("annotate --judge", s.picture()) }

func (s *screen) picture() string {
	head := []string{s.progress(max(0, min(30, s.Width-50))), s.Rule()}
	foot := s.foot()
	if s.helping {
		return s.Fit(append(append(head, strings.Split(help, "\n")...), "", "any key goes back"), nil)
	}
	out, ok := s.output()
	if !ok {
		return s.Fit(append(head, "every output is scored: q quits, u undoes"), foot)
	}
	if s.scroll.Whole {
		return s.Fit(append(head, s.chunk(out.ChunkText, s.Height-len(head)-len(foot))...), foot)
	}
	body := s.pair(out)
	room := s.Height - len(head) - len(body) - len(foot)
	if persona := s.Block("persona  ", out.Persona, 2); out.Persona != "" && room-len(persona) >= 3 {
		body = append(persona, body...)
		room -= len(persona)
	}
	if room >= 2 { // the two questions come first where there is little room
		head = append(head, s.chunk(out.ChunkText, room)...)
	}
	return s.Fit(append(head, body...), foot)
}

// pair are the two questions.
func (s *screen) pair(out Output) []string {
	lines := append([]string{s.Rule()}, s.Block("gold     ", out.GoldQuestion, 3)...)
	for _, line := range s.Block("▸ scored ", out.Asked, 4) {
		lines = append(lines, s.Strong(line))
	}
	return lines
}

// chunk is the text in at most room lines.
func (s *screen) chunk(text string, room int) []string {
	lines := s.text.Lines(fmt.Sprint(s.current), text, s.Width-4)
	room = max(2, room-1)
	lines, rest := s.scroll.Window(lines, room)
	return s.Text(fmt.Sprintf("text · %d words", s.text.Words), lines, room, rest)
}

func (s *screen) foot() []string {
	keys := []string{"1 far worse  2 worse  3 nearly as good  4 as good  5 better"}
	if s.Width < 60 {
		keys = []string{"1-5 score it  (? says what they mean)"}
	}
	keys = append(keys, "last one: c not clear  v vague  r off topic    s skip  u undo  ? help  q quit")
	return append(append([]string{s.Rule()}, keys...), s.Message(s.message, s.failed))
}
