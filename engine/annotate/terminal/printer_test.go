package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"qgen-sidecar/engine/annotate/terminal"
)

func TestPrinterAsks(t *testing.T) {
	var out bytes.Buffer
	ctx := context.Background()
	p := terminal.NewPrinter(ctx, strings.NewReader("one\r\ntwo"), &out)
	p.Say("hello")
	for _, want := range []string{"one", "two"} {
		if got, err := p.Ask(ctx, "> "); got != want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	_, err := p.Ask(ctx, "> ")
	if !errors.Is(err, terminal.ErrEnd) {
		t.Errorf("%v at the end of the input", err)
	}
	if err := p.End(err); err != nil {
		t.Errorf("the end of the input is a way to quit: %v", err)
	}
	if got := out.String(); got != "hello\n> > > \n" {
		t.Errorf("%q", got)
	}
}

// A person who types nothing does not hold up the end.
func TestPrinterEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, typed := io.Pipe()
	defer typed.Close()
	p := terminal.NewPrinter(ctx, in, io.Discard)
	cancel()
	_, err := p.Ask(ctx, "> ")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := p.End(err); err != nil {
		t.Errorf("the end of the context is a way to quit: %v", err)
	}
}

func TestPrinterKeepsOtherErrors(t *testing.T) {
	disk := errors.New("no space left on device")
	if err := terminal.NewPrinter(context.Background(), strings.NewReader(""), io.Discard).End(disk); !errors.Is(err, disk) {
		t.Errorf("%v", err)
	}
}

func TestPrinterCutsATextUnlessItIsWanted(t *testing.T) {
	text := strings.Repeat("line\n", 20) + "\x1b[31mlast"
	for _, whole := range []bool{false, true} {
		var out bytes.Buffer
		p := terminal.NewPrinter(context.Background(), strings.NewReader(""), &out)
		p.SayText(text, whole)
		p.SayWrapped("! ", "why\nnot")
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		want := strings.Repeat("| line\n", 12) + "| (9 more lines: t)\n! why\n  not\n"
		if whole {
			want = strings.Repeat("| line\n", 20) + "| ␛[31mlast\n! why\n  not\n"
		}
		if got := out.String(); got != want {
			t.Errorf("whole %v: %q", whole, got)
		}
	}
}
