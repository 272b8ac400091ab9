package annotate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/quality"
	"qgen-sidecar/internal/clip"
)

const (
	lineWidth   = 78
	chunkLines  = 12 // of a chunk before it is cut; t shows all
	answerLimit = 1 << 20
)

// lines is the plain front end: it prints, asks, and reads a line. It draws
// nothing twice and moves no cursor, so pipes and screen readers can follow.
type lines struct {
	*desk
	*printer
}

// printer prints, and reads lines.
type printer struct {
	in  <-chan string
	out *bufio.Writer
}

var errEnd = errors.New("the input ended")

func runLines(ctx context.Context, d *desk) error {
	l := &lines{desk: d, printer: &printer{in: readLines(ctx, d.o.In), out: bufio.NewWriter(d.o.Out)}}
	l.say(help)
	if d.o.Notice != "" {
		l.sayWrapped("", d.o.Notice)
	}
	err := l.loop(ctx)
	if errors.Is(err, errEnd) || errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, l.out.Flush())
}

// readLines reads in the background, so that ctx's end is not held up by a
// person who types nothing.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		scan := bufio.NewScanner(in)
		scan.Buffer(nil, answerLimit)
		for scan.Scan() {
			select {
			case out <- strings.TrimRight(scan.Text(), "\r"):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (l *lines) loop(ctx context.Context) error {
	for {
		if err := l.show(ctx); err != nil {
			return err
		}
		for again := true; again; {
			line, err := l.ask(ctx, "> ")
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
	l.say("")
	l.say(l.progress(0))
	c, ok := l.chunk()
	if !ok {
		l.say("no chunk is left: u undoes, q quits; fetch more chunks to go on")
		return nil
	}
	l.sayChunk(c, chunkLines)
	if err := l.out.Flush(); err != nil {
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

func (l *lines) sayChunk(c Chunk, limit int) {
	head := "chunk"
	if c.ID != nil {
		head += " " + quality.Visible(fmt.Sprint(c.ID))
	}
	if c.Source != "" {
		head += " · " + quality.Visible(c.Source)
	}
	l.say(fmt.Sprintf("%s · %d words", head, len(strings.Fields(c.Text))))
	l.sayText(c.Text, limit)
}

// sayText prints a text from outside, at most limit lines of it; 0: all.
func (p *printer) sayText(text string, limit int) {
	all := wrapped(text, lineWidth-2)
	shown := all
	if limit > 0 && len(all) > limit {
		shown = all[:limit]
	}
	for _, line := range shown {
		p.say("| " + line)
	}
	if left := len(all) - len(shown); left > 0 {
		p.say(fmt.Sprintf("| (%d more lines: t)", left))
	}
}

func (l *lines) sayItem(it item) {
	if it.Persona != nil && *it.Persona != "" {
		l.sayWrapped("persona: ", whoText(it))
	}
	if note := l.notes[l.hash()]; note != "" {
		l.sayWrapped("note: ", note)
	}
	switch {
	case it.Err != nil:
		l.sayWrapped("no suggestions: ", it.Err.Error())
		l.say("w writes an own question, r asks again, s skips")
	case it.Persona == nil && len(it.Items) == 0:
		l.say("no persona for this chunk: p to give one, w to write, s to skip")
	case len(it.Items) == 0:
		l.say("no suggestions: r asks again, w writes an own question")
	}
	for i, s := range it.Items {
		l.sayWrapped(fmt.Sprintf("%d  ", i+1), s.Question)
		if kind := kindOf(s); kind != "" {
			l.say("   (" + kind + ")")
		}
		for _, w := range s.Warnings {
			l.sayWrapped("   warning: ", w)
		}
	}
}

// whoText is the persona in one line: "Data analyst (match .82): reads, cleans …".
func whoText(it item) string {
	text := it.Name + matchText(it.Match)
	if it.Persona == nil || *it.Persona == "" || *it.Persona == it.Name {
		return strings.TrimSpace(text)
	}
	if it.Name != "" {
		text += ": "
	}
	return strings.TrimSpace(text + *it.Persona)
}

// matchText says how near a persona is: " (match .71)".
func matchText(match *float64) string {
	if match == nil {
		return ""
	}
	return strings.Replace(fmt.Sprintf(" (match %.2f)", *match), "0.", ".", 1)
}

func kindOf(s decisions.Suggestion) string {
	parts := []string{}
	for _, p := range []string{s.QueryType, s.QueryFormat} {
		if p != "" {
			parts = append(parts, clip.Fit(clip.OneLine(quality.Visible(p)), 60))
		}
	}
	return strings.Join(parts, " · ")
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
		l.say(help)
		return false, true, nil
	case "t":
		if c, ok := l.chunk(); ok {
			l.sayChunk(c, 0)
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
		err = fmt.Errorf("%q is not understood; ? lists the letters", clip.Fit(clip.OneLine(quality.Visible(line)), 40))
	}
	if errors.Is(err, errEnd) || ctx.Err() != nil {
		return false, false, errors.Join(err, ctx.Err())
	}
	if err != nil {
		l.sayWrapped("! ", err.Error())
		return false, true, nil
	}
	l.sayWrapped("", said)
	return false, !redraw || said == cancelled, nil
}

const cancelled = "nothing was changed"

// askText asks for a text unless the line brought it along.
func (l *lines) askText(ctx context.Context, text, question string, do func(string) (string, error)) (string, error) {
	if text == "" {
		var err error
		if text, err = l.ask(ctx, question+": "); err != nil {
			return "", err
		}
	}
	if strings.TrimSpace(text) == "" {
		return cancelled, nil
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
		return "", fmt.Errorf("s takes 1 to %d (%s) or nothing, found %q", len(reasons), strings.Join(reasons, ", "), clip.Fit(clip.OneLine(quality.Visible(why)), 40))
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
		return "", fmt.Errorf("r takes the number of a suggestion or nothing, found %q", clip.Fit(clip.OneLine(quality.Visible(which)), 40))
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
		l.sayWrapped(ask.what+": ", strings.Join(choices, "  "))
		line, err := l.ask(ctx, "number (empty: none): ")
		if errors.Is(err, errEnd) {
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
			return "", fmt.Errorf("e takes the number of a suggestion, found %q", clip.Fit(clip.OneLine(quality.Visible(which)), 40))
		}
	}
	it, err := l.candidate(n)
	if err != nil {
		return "", err
	}
	l.sayWrapped("was: ", it.Items[n-1].Question)
	return l.askText(ctx, "", "new text (empty: cancel)", func(text string) (string, error) { return l.edit(ctx, n, text) })
}

func (l *lines) askPersona(ctx context.Context, text string) (string, error) {
	list, err := l.others(ctx)
	if err != nil {
		return "", err
	}
	for i, p := range list {
		l.sayWrapped(fmt.Sprintf("%d  ", i+1), strings.TrimSpace(p.Name+" "+p.Description+matchText(p.Match)))
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

func (p *printer) ask(ctx context.Context, question string) (string, error) {
	p.out.WriteString(question)
	if err := p.out.Flush(); err != nil {
		return "", err
	}
	select {
	case line, ok := <-p.in:
		if !ok {
			p.say("")
			return "", errEnd
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (p *printer) say(text string) { p.out.WriteString(text + "\n") }

// sayWrapped prints a text from outside: cleaned, wrapped, indented.
func (p *printer) sayWrapped(first, text string) {
	for i, line := range wrapped(text, lineWidth-lipgloss.Width(first)) {
		if i > 0 {
			first = strings.Repeat(" ", lipgloss.Width(first))
		}
		p.say(first + line)
	}
}

// wrapped makes lines of at most width cells of a text, whatever is in it.
func wrapped(text string, width int) []string {
	text = strings.ReplaceAll(quality.Visible(text), "\t", "    ")
	var out []string
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		out = append(out, strings.Split(lipgloss.Wrap(paragraph, max(width, 10), ""), "\n")...)
	}
	return out
}
