package terminal

import (
	"context"
	"errors"
	"io"

	tea "charm.land/bubbletea/v2"
)

// Run runs a screen until it quits or ctx ends. Ctrl-C and the end of ctx are ways to
// quit and no errors: the screens keep what was decided as they go.
func Run(ctx context.Context, screen tea.Model, in io.Reader, out io.Writer) error {
	_, err := tea.NewProgram(screen, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out)).Run()
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// View is a picture on the terminal's other screen, so that what was there before is
// there again afterwards.
func View(title, picture string) tea.View {
	v := tea.NewView(picture)
	v.AltScreen = true
	v.WindowTitle = title
	return v
}
