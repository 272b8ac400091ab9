package review

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/quality"
)

func (r *review) View() tea.View { return terminal.View("gold review", r.picture()) }

func (r *review) picture() string {
	foot := r.foot()
	head := []string{fmt.Sprintf("gold review  %d of %d", min(r.at+1, len(r.entries)), len(r.entries))}
	if r.find != "" {
		head[0] += "  looking for " + terminal.Short(r.find, 30)
	}
	head = append(head, r.Rule())
	if len(r.entries) == 0 {
		return r.Fit(append(head, "every entry was taken out: u puts them back"), foot)
	}
	listed := max(3, (r.Height-len(head)-len(foot))/2)
	lines := append(head, r.list(listed)...)
	lines = append(lines, r.Rule())
	lines = append(lines, r.detail(r.Height-len(lines)-len(foot))...)
	return r.Fit(lines, foot)
}

// list is the entries around the cursor.
func (r *review) list(room int) []string {
	from := max(0, min(r.at-room/2, len(r.entries)-room))
	var out []string
	for i := from; i < len(r.entries) && len(out) < room; i++ {
		mark := "  "
		if i == r.at {
			mark = "▸ "
		}
		line := fmt.Sprintf("%s%3d  %s", mark, i+1, terminal.Short(r.entries[i].Question, max(10, r.Width-8)))
		switch {
		case i == r.at:
			line = r.Strong(line)
		case !r.fits(i):
			line = r.Faint(line)
		}
		out = append(out, line)
	}
	return out
}

func (r *review) detail(room int) []string {
	e := r.entries[r.at]
	lines := r.Block("question ", e.Question, 3)
	if kind := terminal.Kind(e.QueryType, e.QueryFormat); kind != "" {
		lines = append(lines, "kind     "+kind)
	}
	if e.Persona != "" {
		lines = append(lines, r.Block("persona  ", e.Persona, 2)...)
	}
	if why := quality.Standalone(e.Question); len(why) > 0 {
		lines = append(lines, r.Block("⚠ ", strings.Join(why, "; "), 2)...)
	}
	for _, l := range r.text.Lines(fmt.Sprint(r.at, len(r.entries)), e.ChunkText, r.Width-4) {
		if len(lines) >= room-1 {
			lines = append(lines, r.Faint(" │ …"))
			break
		}
		lines = append(lines, " │ "+l)
	}
	return lines
}

func (r *review) foot() []string {
	keys := "↑↓/jk move  / find  e edit  d take out  u put back  q quit (saved)"
	switch {
	case r.typing == "find":
		keys = "find: enter looks, esc cancels\n> " + r.input.View(r.Width-4)
	case r.typing == "edit":
		keys = "question: enter saves, esc cancels, ctrl-e opens your editor\n> " + r.input.View(r.Width-4)
	case r.sure:
		keys = "take this entry out of the gold set? y takes it out, any other key keeps it"
	}
	return append(append([]string{r.Rule()}, strings.Split(keys, "\n")...), r.Message(r.message, r.failed))
}
