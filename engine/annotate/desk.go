package annotate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"qgen-sidecar/engine/quality"
)

// desk is the session with the current item's suggestions: all that the two
// front ends share. Its methods say what happened in a line for the person.
type desk struct {
	*session
	ahead    *ahead
	job      *job     // of the current chunk; nil when none is left
	shown    []string // questions shown for it, for `more`
	personas []Persona
	persona  int // index of the next persona that p takes
}

func newDesk(ctx context.Context, o Options) (*desk, error) {
	s, err := newSession(ctx, o)
	if err != nil {
		return nil, err
	}
	d := &desk{session: s, ahead: newAhead(ctx, o)}
	d.arrive()
	return d, nil
}

// arrive takes up the current chunk's suggestions and has the next ones made.
func (d *desk) arrive() {
	d.shown, d.personas, d.persona, d.job = nil, nil, 0, nil
	if _, ok := d.chunk(); !ok {
		d.ahead.want(d.o.Chunks)
		return
	}
	indices := []int{d.current}
	for next := d.after(d.current); next < len(d.o.Chunks) && len(indices) <= d.aheadCount(); next = d.after(next) {
		indices = append(indices, next)
	}
	d.ahead.want(d.o.Chunks, indices...)
	d.job = d.ahead.job(d.current)
}

func (d *desk) aheadCount() int {
	switch {
	case d.o.Ahead < 0:
		return 0
	case d.o.Ahead == 0:
		return 2
	}
	return min(d.o.Ahead, 2)
}

// item is the current chunk's, and whether its suggestions are there.
func (d *desk) item() (item, bool) {
	if d.job == nil {
		return item{}, true
	}
	select {
	case <-d.job.done:
		return d.job.got, true
	default:
		return item{}, false
	}
}

// choose takes suggestion n, 1-based.
func (d *desk) choose(ctx context.Context, n int) (string, error) {
	it, err := d.candidate(n)
	if err != nil {
		return "", err
	}
	return d.decide(d.take(ctx, it, it.Items[n-1].Question, "picked", n), fmt.Sprintf("took %d", n))
}

// edit takes suggestion n in the person's words.
func (d *desk) edit(ctx context.Context, n int, text string) (string, error) {
	it, err := d.candidate(n)
	if err != nil {
		return "", err
	}
	how := "edited"
	if strings.TrimSpace(text) == strings.TrimSpace(it.Items[n-1].Question) {
		how = "picked"
	}
	return d.decide(d.take(ctx, it, text, how, n), fmt.Sprintf("took %d, %s", n, how))
}

// own takes a question of the person's; it needs no suggestions.
func (d *desk) own(ctx context.Context, text string) (string, error) {
	it, _ := d.item()
	return d.decide(d.take(ctx, it, text, "own", 0), "took your own question")
}

func (d *desk) candidate(n int) (item, error) {
	it, ready := d.item()
	switch {
	case d.job == nil:
		return it, errNoChunk
	case !ready:
		return it, errors.New("the suggestions are not there yet; w writes an own question")
	case n < 1 || n > len(it.Items):
		return it, fmt.Errorf("there is no suggestion %d", n)
	}
	return it, nil
}

func (d *desk) skip() (string, error) {
	it, _ := d.item()
	return d.decide(d.pass(opSkip, it), "skipped")
}

func (d *desk) bad() (string, error) {
	it, _ := d.item()
	return d.decide(d.pass(opBad, it), "marked the chunk as unusable")
}

func (d *desk) decide(err error, said string) (string, error) {
	if err != nil {
		return "", err
	}
	warning := ""
	if last := d.live[len(d.live)-1]; last.Op == opTake {
		if reasons := quality.Standalone(last.Question); len(reasons) > 0 && last.How != "picked" {
			warning = "; warning: " + reasons[0]
		}
	}
	reached := ""
	if d.count == d.o.Target {
		reached = "; the target is reached, q quits, or go on"
	}
	d.arrive()
	return said + warning + reached, nil
}

func (d *desk) back(ctx context.Context) (string, error) {
	r, err := d.undo(ctx)
	if err != nil {
		return "", err
	}
	d.arrive()
	switch r.Op {
	case opTake:
		return "undone: " + clip(quality.Visible(r.Question), 60) + " is out of the gold set", nil
	case opBad:
		return "undone: the chunk is usable again", nil
	}
	return "undone: the chunk is no longer skipped", nil
}

// more asks for suggestions that differ from all shown for this chunk.
func (d *desk) more() (string, error) {
	it, ready := d.item()
	if d.job == nil {
		return "", errNoChunk
	}
	if !ready {
		return "", errors.New("the suggestions are on their way")
	}
	for _, s := range it.Items {
		d.shown = append(d.shown, s.Question)
	}
	c, _ := d.chunk()
	d.job = d.ahead.start(d.current, c, it.Persona, slices.Clone(d.shown))
	return "asking for others", nil
}

// speakAs has the suggestions made again for another persona.
func (d *desk) speakAs(description string) (string, error) {
	c, ok := d.chunk()
	if !ok {
		return "", errNoChunk
	}
	if description = strings.TrimSpace(description); description == "" {
		return "", errors.New("the persona is empty; nothing was changed")
	}
	d.job = d.ahead.start(d.current, c, &description, nil)
	d.shown = nil
	return "asking as another persona", nil
}

// others lists the personas for the current chunk; none without the function.
func (d *desk) others(ctx context.Context) ([]Persona, error) {
	c, ok := d.chunk()
	if !ok {
		return nil, errNoChunk
	}
	if d.o.Personas == nil || d.personas != nil {
		return d.personas, nil
	}
	list, err := d.o.Personas(ctx, c)
	if err == nil {
		d.personas = list
	}
	return list, err
}

// progress is the head line: count, bar, skips, pace and time left.
func (d *desk) progress(bar int) string {
	done := min(bar, bar*d.count/max(d.o.Target, 1))
	text := fmt.Sprintf("gold %d/%d", d.count, d.o.Target)
	if bar > 0 {
		text += " [" + strings.Repeat("#", done) + strings.Repeat(".", bar-done) + "]"
	}
	if d.skipped > 0 {
		text += fmt.Sprintf("  skipped %d", d.skipped)
	}
	if each := d.secondsEach(); each > 0 {
		text += fmt.Sprintf("  %.0f s each", each)
		if left := d.o.Target - d.count; left > 0 {
			text += fmt.Sprintf("  ~%.0f min left", max(1, each*float64(left)/60))
		}
	}
	return text
}

func (d *desk) summary() string {
	return fmt.Sprintf("saved: %d of %d in the gold set, %d taken in this sitting", d.count, d.o.Target, d.taken)
}

func (d *desk) close() error {
	d.ahead.close()
	return d.session.close()
}

// clip shortens a text for one line.
func clip(text string, limit int) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return text
}
