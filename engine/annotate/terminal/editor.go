package terminal

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Edited is the message that comes back from $EDITOR: the text as it was left, or why
// there is none.
type Edited struct {
	Text string
	Err  error
}

// Edit hands the text to $EDITOR ("vim", "code --wait") and answers with [Edited].
func Edit(editor, text string) tea.Cmd {
	f, err := os.CreateTemp("", "question-*.txt")
	if err == nil {
		_, err = f.WriteString(text + "\n")
	}
	if err != nil {
		return func() tea.Msg { return Edited{Err: fmt.Errorf("$EDITOR: %w", err)} }
	}
	f.Close()
	words := strings.Fields(editor)
	return tea.ExecProcess(exec.Command(words[0], append(words[1:], f.Name())...), func(err error) tea.Msg {
		defer os.Remove(f.Name())
		if err != nil {
			return Edited{Err: fmt.Errorf("$EDITOR (%s): %w; nothing was changed", editor, err)}
		}
		edited, err := os.ReadFile(f.Name())
		return Edited{Text: string(edited), Err: err}
	})
}
