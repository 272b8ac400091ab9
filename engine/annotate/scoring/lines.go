package scoring

import (
	"context"
	"fmt"
	"strings"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/internal/clip"
)

// runLines is scoring's plain front end.
func (d *sitting) runLines(ctx context.Context) error {
	p := terminal.NewPrinter(ctx, d.o.In, d.o.Out)
	p.Say(help)
	return p.End(d.converse(ctx, p))
}

func (d *sitting) converse(ctx context.Context, p *terminal.Printer) error {
	shown := -1
	for {
		if d.current != shown {
			shown = d.current
			d.show(p, false)
		}
		line, err := p.Ask(ctx, "> ")
		if err != nil {
			return err
		}
		switch key := strings.TrimSpace(line); key {
		case "":
		case "q":
			return nil
		case "?":
			p.Say(help)
		case "t":
			d.show(p, true)
		default:
			said, err, known := d.key(ctx, key)
			switch {
			case !known:
				p.SayWrapped("! ", fmt.Sprintf("%q is not understood; ? lists the letters", clip.Fit(clip.OneLine(key), 40)))
			case err != nil:
				p.SayWrapped("! ", err.Error())
			default:
				p.Say(said)
			}
		}
	}
}

func (d *sitting) show(p *terminal.Printer, whole bool) {
	p.Say("")
	p.Say(d.progress(0))
	out, ok := d.output()
	if !ok {
		p.Say("every output is scored: q quits, u undoes")
		return
	}
	p.SayText(out.ChunkText, whole)
	if out.Persona != "" {
		p.SayWrapped("persona: ", out.Persona)
	}
	p.SayWrapped("gold:    ", out.GoldQuestion)
	p.SayWrapped("scored:  ", out.Asked)
}
