// Package terminaltest holds screens to what they promise, for tests only: keys in, and
// a picture that has its size, is safe to show and is the one kept in testdata.
//
// # Basics
//
// [Keys] are the presses of a key, or of a word letter by letter. [CheckPicture] holds a
// picture to its golden file; go test -update-screens writes the files anew.
//
// # Leaves out
//
// Real terminals: tests/test_annotate.py drives the binary in one.
package terminaltest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

var updateScreens = flag.Bool("update-screens", false, "write the golden screens")

var special = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete}, "pgdown": {Code: tea.KeyPgDown}, "pgup": {Code: tea.KeyPgUp},
	"alt+left": {Code: tea.KeyLeft, Mod: tea.ModAlt}, "alt+right": {Code: tea.KeyRight, Mod: tea.ModAlt},
	"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+k": {Code: 'k', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "ctrl+w": {Code: 'w', Mod: tea.ModCtrl},
}

// Keys are the presses of a key ("enter", "ctrl+u"), or of a word that is no key's
// name, letter by letter.
func Keys(k string) []tea.KeyPressMsg {
	if key, ok := special[k]; ok {
		return []tea.KeyPressMsg{key}
	}
	var letters []tea.KeyPressMsg
	for _, r := range k {
		letters = append(letters, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return letters
}

// CheckPicture holds a plain picture to its size in cells and lines, to plain text, and
// to testdata/screen-<name>.golden.
func CheckPicture(t *testing.T, name, picture string, width, height int) {
	t.Helper()
	lines := strings.Split(picture, "\n")
	if len(lines) != height {
		t.Errorf("%d lines, want %d", len(lines), height)
	}
	for i, l := range lines {
		if n := lipgloss.Width(l); n > width {
			t.Errorf("line %d has %d cells: %s", i+1, n, l)
		}
		lines[i] = strings.TrimRight(l, " ")
	}
	if strings.ContainsAny(picture, "\x1b\x07\x00\u202e") {
		t.Error("a control character is on the screen, with NO_COLOR")
	}
	golden(t, name, strings.Join(lines, "\n")+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "screen-"+name+".golden")
	if *updateScreens {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s(-update-screens writes it)", got, want)
	}
}
