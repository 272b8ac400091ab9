package annotate

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// openEditor hands the text to $EDITOR ("vim", "code --wait") and gives back
// what it left.
func openEditor(editor, text string) tea.Cmd {
	f, err := os.CreateTemp("", "question-*.txt")
	if err == nil {
		_, err = f.WriteString(text + "\n")
	}
	if err != nil {
		return func() tea.Msg { return editedMsg{err: fmt.Errorf("$EDITOR: %w", err)} }
	}
	f.Close()
	words := strings.Fields(editor)
	return tea.ExecProcess(exec.Command(words[0], append(words[1:], f.Name())...), func(err error) tea.Msg {
		defer os.Remove(f.Name())
		if err != nil {
			return editedMsg{err: fmt.Errorf("$EDITOR (%s): %w; nothing was changed", editor, err)}
		}
		edited, err := os.ReadFile(f.Name())
		return editedMsg{text: string(edited), err: err}
	})
}
