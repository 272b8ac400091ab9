package annotate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/quality"
)

// lines is the plain front end: it prints, asks, and reads a line. It draws
// nothing twice and moves no cursor, so pipes and screen readers can follow.
type lines struct {
	*desk
	*terminal.Printer
}

func runLines(ctx context.Context, d *desk) error {
	l := &lines{desk: d, Printer: terminal.NewPrinter(ctx, d.o.In, d.o.Out)}
	l.Say(help)
	if d.o.Notice != "" {
		l.SayWrapped("", d.o.Notice)
	}
	return l.End(l.loop(ctx))
}

func (l *lines) loop(ctx context.Context) error {
	for {
		if err := l.show(ctx); err != nil {
			return err
		}
		for again := true; again; {
			line, err := l.Ask(ctx, "> ")
			if err != nil {
				return err
			}
			var quit bool
			if quit, again, err = l.answer(ctx, strings.TrimSpace(line)); quit || err != nil {
				return err
			}
		}
	}
}

// show waits for the suggestions and prints the item.
func (l *lines) show(ctx context.Context) error {
	l.Say("")
	l.Say(l.progress(0))
	c, ok := l.chunk()
	if !ok {
		l.Say("no chunk is left: u undoes, q quits; fetch more chunks to go on")
		return nil
	}
	l.sayChunk(c, false)
	if err := l.Flush(); err != nil {
		return err
	}
	if l.job != nil {
		select {
		case <-l.job.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	it, _ := l.item()
	l.sayItem(it)
	return nil
}

func (l *lines) sayChunk(c Chunk, whole bool) {
	head := "chunk"
	if c.ID != nil {
		head += " " + quality.Visible(fmt.Sprint(c.ID))
	}
	if c.Source != "" {
		head += " · " + quality.Visible(c.Source)
	}
	l.Say(fmt.Sprintf("%s · %d words", head, len(strings.Fields(c.Text))))
	l.SayText(c.Text, whole)
}

func (l *lines) sayItem(it item) {
	if it.Persona != nil && *it.Persona != "" {
		l.SayWrapped("persona: ", whoText(it))
	}
	if note := l.notes[l.hash()]; note != "" {
		l.SayWrapped("note: ", note)
	}
	switch {
	case it.Err != nil:
		l.SayWrapped("no suggestions: ", it.Err.Error())
		l.Say("w writes an own question, r asks again, s skips")
	case it.Persona == nil && len(it.Items) == 0:
		l.Say("no persona for this chunk: p to give one, w to write, s to skip")
	case len(it.Items) == 0:
		l.Say("no suggestions: r asks again, w writes an own question")
	}
	for i, s := range it.Items {
		l.SayWrapped(fmt.Sprintf("%d  ", i+1), s.Question)
		if kind := terminal.Kind(s.QueryType, s.QueryFormat); kind != "" {
			l.Say("   (" + kind + ")")
		}
		for _, w := range s.Warnings {
			l.SayWrapped("   warning: ", w)
		}
	}
}

// answer does what a line asks for. again: the same item stays, undrawn.
func (l *lines) answer(ctx context.Context, line string) (quit, again bool, err error) {
	command, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	said, redraw := "", true
	switch command {
	case "":
		return false, true, nil
	case "q":
		return true, false, nil
	case "?":
		l.Say(help)
		return false, true, nil
	case "t":
		if c, ok := l.chunk(); ok {
			l.sayChunk(c, true)
		}
		return false, true, nil
	case "1", "2", "3", "4", "5":
		n, _ := strconv.Atoi(command)
		said, err = l.choose(ctx, n)
	case "e":
		said, err = l.askEdit(ctx, rest)
	case "w":
		said, err = l.askText(ctx, rest, "your question (empty: cancel)", func(text string) (string, error) { return l.askKinds(ctx, text, rest != "") })
	case "n":
		said, err = l.askText(ctx, rest, "note (empty: cancel)", func(text string) (string, error) { return "noted", l.note(text) })
		redraw = false
	case "s":
		said, err = l.skipLine(rest)
	case "x":
		said, err = l.bad()
	case "u":
		said, err = l.back(ctx)
	case "r":
		said, err = l.moreLike(rest)
	case "p":
		said, err = l.askPersona(ctx, rest)
	default:
		err = fmt.Errorf("%q is not understood; ? lists the letters", terminal.Short(line, 40))
	}
	if errors.Is(err, terminal.ErrEnd) || ctx.Err() != nil {
		return false, false, errors.Join(err, ctx.Err())
	}
	if err != nil {
		l.SayWrapped("! ", err.Error())
		return false, true, nil
	}
	l.SayWrapped("", said)
	return false, !redraw || said == terminal.Cancelled, nil
}

// askText asks for a text unless the line brought it along.
func (l *lines) askText(ctx context.Context, text, question string, do func(string) (string, error)) (string, error) {
	if text == "" {
		var err error
		if text, err = l.Ask(ctx, question+": "); err != nil {
			return "", err
		}
	}
	if strings.TrimSpace(text) == "" {
		return terminal.Cancelled, nil
	}
	return do(text)
}

// skipLine: `s` alone, or with the number of a reason.
func (l *lines) skipLine(why string) (string, error) {
	if why == "" {
		return l.skip("")
	}
	n, err := strconv.Atoi(why)
	if err != nil || n < 1 || n > len(reasons) {
		return "", fmt.Errorf("s takes 1 to %d (%s) or nothing, found %q", len(reasons), strings.Join(reasons, ", "), terminal.Short(why, 40))
	}
	return l.skip(reasons[n-1])
}

// moreLike: `r` asks for others, `r 2` for others like the second.
func (l *lines) moreLike(which string) (string, error) {
	if which == "" {
		return l.more(0)
	}
	n, err := strconv.Atoi(which)
	if err != nil || n < 1 {
		return "", fmt.Errorf("r takes the number of a suggestion or nothing, found %q", terminal.Short(which, 40))
	}
	return l.more(n)
}

// askKinds asks for an own question's type and format, each with one number; not
// when the question came on one line, as from a script.
func (l *lines) askKinds(ctx context.Context, text string, script bool) (string, error) {
	types, formats := l.offered()
	var k kinds
	if script || l.turn == nil {
		return l.own(ctx, text, k)
	}
	for _, ask := range []struct {
		what  string
		among []string
		into  *string
	}{{"type", types, &k.Type}, {"format", formats, &k.Format}} {
		choices := make([]string, len(ask.among))
		for i, name := range ask.among {
			choices[i] = fmt.Sprintf("%d %s", i+1, quality.Visible(name))
		}
		l.SayWrapped(ask.what+": ", strings.Join(choices, "  "))
		line, err := l.Ask(ctx, "number (empty: none): ")
		if errors.Is(err, terminal.ErrEnd) {
			break // what was written is worth more than its kind
		}
		if err != nil {
			return "", err
		}
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil && n >= 1 && n <= len(ask.among) {
			*ask.into = ask.among[n-1]
		}
	}
	return l.own(ctx, text, k)
}

// askEdit: `e` edits the first suggestion, `e 3` the third.
func (l *lines) askEdit(ctx context.Context, which string) (string, error) {
	n := 1
	if which != "" {
		var err error
		if n, err = strconv.Atoi(which); err != nil {
			return "", fmt.Errorf("e takes the number of a suggestion, found %q", terminal.Short(which, 40))
		}
	}
	it, err := l.candidate(n)
	if err != nil {
		return "", err
	}
	l.SayWrapped("was: ", it.Items[n-1].Question)
	return l.askText(ctx, "", "new text (empty: cancel)", func(text string) (string, error) { return l.edit(ctx, n, text) })
}

func (l *lines) askPersona(ctx context.Context, text string) (string, error) {
	list, err := l.others(ctx)
	if err != nil {
		return "", err
	}
	for i, p := range list {
		l.SayWrapped(fmt.Sprintf("%d  ", i+1), strings.TrimSpace(p.Name+" "+p.Description+matchText(p.Match)))
	}
	question := "persona (empty: cancel)"
	if len(list) > 0 {
		question = "number, or a description (empty: cancel)"
	}
	return l.askText(ctx, text, question, func(text string) (string, error) {
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n >= 1 && n <= len(list) {
			return l.speakAs(list[n-1])
		}
		return l.speakAs(Persona{Description: text})
	})
}
