package terminal

import (
	"unicode"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"qgen-sidecar/internal/clip"
)

// Input is a line of text being typed: runes and a cursor among them.
type Input struct {
	runes  []rune
	cursor int
}

const inputLimit = 4000 // runes

// Set begins anew with a text, of which it takes the first 4,000 characters on one line;
// the cursor stands behind it.
func (l *Input) Set(text string) {
	l.runes = []rune(clip.OneLine(text))
	l.runes = l.runes[:min(len(l.runes), inputLimit)]
	l.cursor = len(l.runes)
}

// Value is the text as it is now.
func (l *Input) Value() string { return string(l.runes) }

// Insert puts in what was typed or pasted; line ends become spaces, controls
// are left out.
func (l *Input) Insert(text string) {
	var in []rune
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			in = append(in, ' ')
		case !unicode.IsControl(r) && r != unicode.ReplacementChar:
			in = append(in, r)
		}
	}
	in = in[:min(len(in), inputLimit-len(l.runes))]
	l.runes = append(l.runes[:l.cursor:l.cursor], append(in, l.runes[l.cursor:]...)...)
	l.cursor += len(in)
}

// Press is a key: it moves or deletes as readline does, or is text.
func (l *Input) Press(msg tea.KeyPressMsg) {
	if !l.key(msg.String()) {
		l.Insert(msg.Text)
	}
}

// key moves or deletes as readline does; false for keys it does not know.
func (l *Input) key(name string) bool {
	switch name {
	case "left", "ctrl+b":
		l.cursor = max(0, l.cursor-1)
	case "right", "ctrl+f":
		l.cursor = min(len(l.runes), l.cursor+1)
	case "home", "ctrl+a":
		l.cursor = 0
	case "end":
		l.cursor = len(l.runes)
	case "alt+left", "ctrl+left":
		l.cursor = l.wordStart()
	case "alt+right", "ctrl+right":
		l.cursor = l.wordEnd()
	case "backspace", "ctrl+h":
		l.cut(max(0, l.cursor-1), l.cursor)
	case "delete", "ctrl+d":
		l.cut(l.cursor, min(len(l.runes), l.cursor+1))
	case "ctrl+w", "alt+backspace":
		l.cut(l.wordStart(), l.cursor)
	case "ctrl+u":
		l.cut(0, l.cursor)
	case "ctrl+k":
		l.cut(l.cursor, len(l.runes))
	default:
		return false
	}
	return true
}

func (l *Input) cut(from, to int) {
	l.runes = append(l.runes[:from:from], l.runes[to:]...)
	l.cursor = from
}

func (l *Input) wordStart() int {
	i := l.cursor
	for i > 0 && l.runes[i-1] == ' ' {
		i--
	}
	for i > 0 && l.runes[i-1] != ' ' {
		i--
	}
	return i
}

func (l *Input) wordEnd() int {
	i := l.cursor
	for i < len(l.runes) && l.runes[i] == ' ' {
		i++
	}
	for i < len(l.runes) && l.runes[i] != ' ' {
		i++
	}
	return i
}

// View shows the part around the cursor that fits into width cells; a bar
// stands at the cursor.
func (l *Input) View(width int) string {
	before, after := l.runes[:l.cursor], l.runes[l.cursor:]
	for len(before) > 0 && lipgloss.Width(string(before)) > width-2 {
		before = before[1:]
	}
	for len(after) > 0 && lipgloss.Width(string(before)+string(after)) > width-1 {
		after = after[:len(after)-1]
	}
	return string(before) + "▏" + string(after)
}
