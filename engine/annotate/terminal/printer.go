package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"charm.land/lipgloss/v2"
)

const (
	lineWidth   = 78
	textLines   = 12 // of a text before it is cut; t shows all
	answerLimit = 1 << 20
)

// ErrEnd: there is no further line of input.
var ErrEnd = errors.New("the input ended")

// Printer is the plain front end's means: it prints lines, asks, and reads a line. It
// draws nothing twice and moves no cursor, so pipes and screen readers can follow.
type Printer struct {
	in  <-chan string
	out *bufio.Writer
}

// NewPrinter prints to out, and reads answers from in until ctx ends.
func NewPrinter(ctx context.Context, in io.Reader, out io.Writer) *Printer {
	return &Printer{in: readLines(ctx, in), out: bufio.NewWriter(out)}
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

// Say prints a line of our own words, as it is.
func (p *Printer) Say(text string) { p.out.WriteString(text + "\n") }

// SayWrapped prints a text from outside behind a first word: cleaned, wrapped, indented.
func (p *Printer) SayWrapped(first, text string) {
	for i, line := range Wrap(text, lineWidth-lipgloss.Width(first)) {
		if i > 0 {
			first = strings.Repeat(" ", lipgloss.Width(first))
		}
		p.Say(first + line)
	}
}

// SayText prints a text from outside, with a bar before each line: its first twelve
// lines, or the whole.
func (p *Printer) SayText(text string, whole bool) {
	all := Wrap(text, lineWidth-2)
	shown := all
	if !whole && len(all) > textLines {
		shown = all[:textLines]
	}
	for _, line := range shown {
		p.Say("| " + line)
	}
	if left := len(all) - len(shown); left > 0 {
		p.Say(fmt.Sprintf("| (%d more lines: t)", left))
	}
}

// Ask prints a question and waits for the answer, a line without its end. Errors are
// ErrEnd, ctx's, and those of writing.
func (p *Printer) Ask(ctx context.Context, question string) (string, error) {
	p.out.WriteString(question)
	if err := p.out.Flush(); err != nil {
		return "", err
	}
	select {
	case line, ok := <-p.in:
		if !ok {
			p.Say("")
			return "", ErrEnd
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Flush writes out what was said, before something is waited for.
func (p *Printer) Flush() error { return p.out.Flush() }

// End writes out what was said and answers what a conversation that ended with err ends
// with: the ends of the input and of ctx are ways to quit, and no errors.
func (p *Printer) End(err error) error {
	if errors.Is(err, ErrEnd) || errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, p.out.Flush())
}
