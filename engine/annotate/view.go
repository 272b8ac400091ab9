package annotate

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"qgen-sidecar/engine/quality"
)

// The screen has three parts: the head with progress, chunk and persona; the
// suggestions; the foot with keys and what happened last. Meaning is in words
// and signs, colour only repeats it.

var (
	faint  = lipgloss.NewStyle().Faint(true)
	strong = lipgloss.NewStyle().Bold(true)
	alarm  = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow)
)

func (s *screen) View() tea.View {
	v := tea.NewView(s.picture())
	v.AltScreen = true
	v.WindowTitle = "annotate"
	return v
}

// picture is the screen's text: at most height lines of at most width cells.
func (s *screen) picture() string {
	head := []string{s.progress(max(0, min(30, s.width-50)))}
	if mix := s.mix(); mix != "" && s.height >= 20 {
		head = append(head, s.style(faint, mix))
	}
	head = append(head, s.rule())
	foot := s.foot()
	if s.helping {
		return s.fit(append(append(head, strings.Split(help, "\n")...), "", "any key goes back"), nil)
	}
	c, ok := s.chunk()
	if !ok {
		return s.fit(append(head, "no chunk is left: u undoes, q quits; fetch more chunks to go on"), foot)
	}
	body := s.candidates()
	if s.whole {
		body = nil
	}
	room := s.height - len(head) - len(body) - len(foot)
	return s.fit(append(append(head, s.chunkLines(c, room)...), body...), foot)
}

// chunkLines is the chunk in at most room lines, its source line included.
func (s *screen) chunkLines(c Chunk, room int) []string {
	head := "chunk"
	if c.ID != nil {
		head += " " + clip(quality.Visible(fmt.Sprint(c.ID)), 40)
	}
	if c.Source != "" {
		head += " · " + clip(quality.Visible(c.Source), 50)
	}
	text := s.wraps.lines(s.hash(), c.Text, s.width-4)
	head += fmt.Sprintf(" · %d words", s.wraps.words)
	if lang := s.wraps.language; lang != quality.Undetermined {
		head += " · " + lang
	}
	room = max(2, room-1)
	if s.whole {
		s.scroll = max(0, min(s.scroll, len(text)-room+1))
		text = text[s.scroll:]
		head += "  (t: back, page keys scroll)"
	}
	lines := []string{s.style(strong, head)}
	for i, line := range text {
		if i == room-1 && len(text) > room {
			how := "t"
			if s.whole {
				how = "page down"
			}
			return append(lines, s.style(faint, fmt.Sprintf(" │ (%d more lines: %s)", len(text)-i, how)))
		}
		lines = append(lines, " │ "+line)
	}
	return lines
}

// candidates are the persona and the numbered suggestions, or why none.
func (s *screen) candidates() []string {
	it, ready := s.item()
	lines := []string{}
	if it.Persona != nil && *it.Persona != "" {
		lines = append(lines, s.block("persona  ", *it.Persona+matchText(it.Match), 2)...)
	}
	if note := s.notes[s.hash()]; note != "" {
		lines = append(lines, s.block("note     ", note, 1)...)
	}
	lines = append(lines, s.rule())
	switch {
	case !ready:
		return append(lines, "making suggestions … (w writes your own meanwhile)")
	case it.Err != nil:
		lines = append(lines, s.block("! ", it.Err.Error(), 3)...)
		return append(lines, "r asks again, w writes your own, s skips")
	case len(it.Items) == 0 && it.Persona == nil:
		return append(lines, "no persona for this chunk: p gives one, w writes, s skips")
	case len(it.Items) == 0:
		return append(lines, "no suggestions: r asks again, w writes your own")
	}
	for i, sug := range it.Items {
		lines = append(lines, s.suggestion(i, sug)...)
	}
	return lines
}

func (s *screen) suggestion(i int, sug Suggestion) []string {
	mark := "  "
	if i == s.selected {
		mark = "▸ "
	}
	lines := s.block(fmt.Sprintf("%s%d  ", mark, i+1), sug.Question, 2)
	if i == s.selected {
		for j := range lines {
			lines[j] = s.style(strong, lines[j])
		}
	}
	kind := kindOf(sug)
	for _, w := range sug.Warnings {
		kind += "  ⚠ " + clip(quality.Visible(w), 60)
	}
	if kind != "" {
		lines = append(lines, s.style(faint, "     "+strings.TrimSpace(kind)))
	}
	return lines
}

func (s *screen) foot() []string {
	lines := []string{s.rule()}
	switch {
	case s.asking != nil:
		lines = append(lines, s.choices()...)
	case s.typing == typesNothing:
		lines = append(lines,
			"1-5 take  enter take ▸  e edit  w own  r more  m more like ▸  s skip  x bad",
			"u undo  p persona  n note  t text  ↑↓ move  ? help  q quit (saved)")
	default:
		lines = append(lines, s.label(typed[s.typing]), "> "+s.input.view(s.width-4))
	}
	message := clip(quality.Visible(s.message), max(10, s.width-4))
	if s.failed {
		message = s.style(alarm, "! "+message)
	}
	return append(lines, message)
}

// typed is what is being typed, in words.
var typed = map[purpose]string{typesEdit: "edit suggestion", typesOwn: "your question", typesNote: "note", typesPersona: "persona"}

// choices are the options of the key that is awaited, on two lines.
func (s *screen) choices() []string {
	options := make([]string, len(s.asking.options))
	for i, o := range s.asking.options {
		options[i] = fmt.Sprintf("%d %s", i+1, clip(quality.Visible(o), 20))
	}
	lines := wrapped(s.asking.what+"  "+strings.Join(options, "  "), s.width)
	return append(lines[:min(len(lines), 2)], "enter none  esc back")
}

func (s *screen) label(what string) string {
	text := what + ": enter saves, esc cancels"
	if s.o.Editor != "" {
		text += ", ctrl-e opens your editor"
	}
	return text
}

// wrapCache keeps the current chunk's lines: a megabyte is wrapped once, not
// at every key.
type wrapCache struct {
	key, language string // which chunk
	width, words  int
	wrapped       []string
}

func (c *wrapCache) lines(key, text string, width int) []string {
	if c.wrapped == nil || c.key != key || c.width != width {
		*c = wrapCache{key: key, width: width, words: len(strings.Fields(text)), language: quality.Language(text), wrapped: wrapped(text, width)}
	}
	return c.wrapped
}
