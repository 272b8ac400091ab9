package annotate

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/internal/clip"
)

// The screen has three parts: the head with progress, chunk and persona; the
// suggestions; the foot with keys and what happened last. Meaning is in words
// and signs, colour only repeats it.

func (s *screen) View() tea.View { return terminal.View("annotate", s.picture()) }

// picture is the screen's text: at most height lines of at most width cells.
func (s *screen) picture() string {
	head := []string{s.progress(max(0, min(30, s.Width-50)))}
	if mix := s.mix(); mix != "" && s.Height >= 20 {
		head = append(head, s.Faint(mix))
	}
	head = append(head, s.Rule())
	foot := s.foot()
	if s.helping {
		return s.Fit(append(append(head, strings.Split(help, "\n")...), "", "any key goes back"), nil)
	}
	c, ok := s.chunk()
	if !ok {
		return s.Fit(append(head, "no chunk is left: u undoes, q quits; fetch more chunks to go on"), foot)
	}
	body := s.candidates()
	room := s.Height - len(head) - len(body) - len(foot)
	if s.scroll.Whole && len(s.text.Lines(s.hash(), c.Text, s.Width-4)) >= room {
		body, room = nil, room+len(body) // the text needs the room
	}
	return s.Fit(append(append(head, s.chunkLines(c, room)...), body...), foot)
}

// chunkLines is the chunk in at most room lines, its source line included.
func (s *screen) chunkLines(c Chunk, room int) []string {
	text := s.text.Lines(s.hash(), c.Text, s.Width-4)
	head := []string{"chunk"}
	if c.ID != nil {
		head[0] += " " + shortID(fmt.Sprint(c.ID))
	}
	head = append(head, fmt.Sprintf("%d words", s.text.Words))
	if lang := s.text.Language; lang != quality.Undetermined {
		head = append(head, lang)
	}
	if c.Source != "" {
		head = append(head, quality.Visible(c.Source))
	}
	title := strings.Join(head, " · ")
	room = max(2, room-1)
	if s.scroll.Whole {
		title += "  (t: back, page keys scroll)"
	} else {
		text = withoutBlanks(text, room+1)
	}
	text, rest := s.scroll.Window(text, room)
	return s.Text(title, text, room, rest)
}

// candidates are the persona and the numbered suggestions, or why none.
func (s *screen) candidates() []string {
	it, ready := s.item()
	lines := []string{}
	if it.Persona != nil && *it.Persona != "" {
		most := 1
		if s.Height >= 30 {
			most = 2
		}
		lines = append(lines, s.Block("persona  ", whoText(it), most)...)
	}
	if note := s.notes[s.hash()]; note != "" {
		lines = append(lines, s.Block("note     ", note, 1)...)
	}
	lines = append(lines, s.Rule())
	switch {
	case !ready:
		return append(lines, "making suggestions … (w writes your own meanwhile)")
	case it.Err != nil:
		lines = append(lines, s.Block("! ", it.Err.Error(), 3)...)
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

// suggestion is one of the numbered ones: its kind at the end of its line where
// there is room, its warnings below.
func (s *screen) suggestion(i int, sug decisions.Suggestion) []string {
	mark := "  "
	if i == s.selected {
		mark = "▸ "
	}
	lines := s.Block(fmt.Sprintf("%s%d  ", mark, i+1), sug.Question, 2)
	kind := terminal.Kind(sug.QueryType, sug.QueryFormat)
	last := len(lines) - 1
	beside := kind != "" && lipgloss.Width(lines[last])+lipgloss.Width(kind)+3 <= s.Width
	for j := range lines {
		gap := ""
		if beside && j == last {
			gap = strings.Repeat(" ", s.Width-1-lipgloss.Width(lines[j])-lipgloss.Width(kind))
		}
		if i == s.selected {
			lines[j] = s.Strong(lines[j])
		}
		if gap != "" {
			lines[j] += gap + s.Faint(kind)
		}
	}
	var below []string
	if kind != "" && !beside {
		below = append(below, kind)
	}
	for _, w := range sug.Warnings {
		below = append(below, "⚠ "+warningText(w))
	}
	if len(below) > 0 {
		lines = append(lines, s.Faint("     "+clip.Fit(clip.OneLine(strings.Join(below, "  ")), max(20, s.Width-6))))
	}
	return lines
}

// warningText is a warning in few words: without the gate's name, and what it
// quotes.
func warningText(w string) string {
	if gate, rest, ok := strings.Cut(w, ": "); ok && !strings.Contains(gate, " ") {
		w = rest
	}
	w, _, _ = strings.Cut(w, ": \"")
	return strings.Replace(quality.Visible(w), "does not find its chunk among the nearest", "its chunk is not among the nearest", 1)
}

// shortID is enough of an id to know it again.
func shortID(id string) string {
	id = quality.Visible(id)
	if len(id) == 36 && strings.Count(id, "-") == 4 {
		return id[:8]
	}
	return clip.Fit(clip.OneLine(id), 24)
}

// withoutBlanks leaves out empty lines, as far as the lines are more than fit.
func withoutBlanks(lines []string, room int) []string {
	if len(lines) <= room {
		return lines
	}
	var out []string
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
	}
	return out
}

func (s *screen) foot() []string {
	lines := []string{s.Rule()}
	switch {
	case s.asking != nil:
		lines = append(lines, s.choices()...)
	case s.typing == typesNothing:
		lines = append(lines,
			"1-5 take  enter take ▸  e edit  w own  r more  m more like ▸  s skip  x bad",
			"u undo  p persona  n note  t text  ↑↓ move  ? help  q quit (saved)")
	default:
		lines = append(lines, s.label(typed[s.typing]), "> "+s.input.View(s.Width-4))
	}
	return append(lines, s.Message(s.message, s.failed))
}

// typed is what is being typed, in words.
var typed = map[purpose]string{typesEdit: "edit suggestion", typesOwn: "your question", typesNote: "note", typesPersona: "persona"}

// choices are the options of the key that is awaited, on two lines.
func (s *screen) choices() []string {
	options := make([]string, len(s.asking.options))
	for i, o := range s.asking.options {
		options[i] = fmt.Sprintf("%d %s", i+1, terminal.Short(o, 20))
	}
	lines := terminal.Wrap(s.asking.what+"  "+strings.Join(options, "  "), s.Width)
	return append(lines[:min(len(lines), 2)], "enter none  esc back")
}

func (s *screen) label(what string) string {
	text := what + ": enter saves, esc cancels"
	if s.o.Editor != "" {
		text += ", ctrl-e opens your editor"
	}
	return text
}
