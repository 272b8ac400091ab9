package annotate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/quality"
	"qgen-sidecar/internal/clip"
)

// scoreScreen is scoring's full-screen front end.
type scoreScreen struct {
	*scoring
	canvas
	ctx context.Context
	reading
	helping bool
	message string
	failed  bool
	wraps   wrapCache
}

func (d *scoring) runScreen(ctx context.Context) error {
	s := &scoreScreen{scoring: d, ctx: ctx, canvas: canvas{width: 80, height: 24, plain: d.o.NoColor}}
	_, err := tea.NewProgram(s, tea.WithContext(ctx), tea.WithInput(d.o.In), tea.WithOutput(d.o.Out)).Run()
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *scoreScreen) Init() tea.Cmd { return nil }

func (s *scoreScreen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return s, s.pressed(msg.String())
	}
	return s, nil
}

func (s *scoreScreen) pressed(key string) tea.Cmd {
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
		s.leaf(key)
	default:
		if said, err, known := s.key(s.ctx, key); known {
			s.message, s.failed, s.reading = said, err != nil, reading{}
			if err != nil {
				s.message = err.Error()
			}
		}
	}
	return nil
}

func (s *scoreScreen) View() tea.View {
	v := tea.NewView(s.picture())
	v.AltScreen = true
	v.WindowTitle = "annotate --judge"
	return v
}

func (s *scoreScreen) picture() string {
	head := []string{s.progress(max(0, min(30, s.width-50))), s.rule()}
	foot := s.foot()
	if s.helping {
		return s.fit(append(append(head, strings.Split(scoreHelp, "\n")...), "", "any key goes back"), nil)
	}
	out, ok := s.output()
	if !ok {
		return s.fit(append(head, "every output is scored: q quits, u undoes"), foot)
	}
	if s.whole {
		return s.fit(append(head, s.chunk(out.ChunkText, s.height-len(head)-len(foot))...), foot)
	}
	body := s.pair(out)
	room := s.height - len(head) - len(body) - len(foot)
	if persona := s.block("persona  ", out.Persona, 2); out.Persona != "" && room-len(persona) >= 3 {
		body = append(persona, body...)
		room -= len(persona)
	}
	if room >= 2 { // the two questions come first where there is little room
		head = append(head, s.chunk(out.ChunkText, room)...)
	}
	return s.fit(append(head, body...), foot)
}

// pair are the two questions.
func (s *scoreScreen) pair(out Output) []string {
	lines := append([]string{s.rule()}, s.block("gold     ", out.GoldQuestion, 3)...)
	for _, line := range s.block("▸ scored ", out.Asked, 4) {
		lines = append(lines, s.style(strong, line))
	}
	return lines
}

// chunk is the text in at most room lines.
func (s *scoreScreen) chunk(text string, room int) []string {
	lines := s.wraps.lines(fmt.Sprint(s.current), text, s.width-4)
	room = max(2, room-1)
	lines, rest := s.window(lines, room)
	return s.textLines(fmt.Sprintf("text · %d words", s.wraps.words), lines, room, rest)
}

func (s *scoreScreen) foot() []string {
	message := clip.Fit(clip.OneLine(quality.Visible(s.message)), max(10, s.width-4))
	if s.failed {
		message = s.style(alarm, "! "+message)
	}
	keys := []string{"1 far worse  2 worse  3 nearly as good  4 as good  5 better"}
	if s.width < 60 {
		keys = []string{"1-5 score it  (? says what they mean)"}
	}
	keys = append(keys, "last one: c not clear  v vague  r off topic    s skip  u undo  ? help  q quit")
	return append(append([]string{s.rule()}, keys...), message)
}
