package annotate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"qgen-sidecar/internal/clip"
)

// runLines is scoring's plain front end.
func (d *scoring) runLines(ctx context.Context) error {
	p := &printer{in: readLines(ctx, d.o.In), out: bufio.NewWriter(d.o.Out)}
	p.say(scoreHelp)
	err := d.converse(ctx, p)
	if errors.Is(err, errEnd) || errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, p.out.Flush())
}

func (d *scoring) converse(ctx context.Context, p *printer) error {
	shown := -1
	for {
		if d.current != shown {
			shown = d.current
			d.show(p, chunkLines)
		}
		line, err := p.ask(ctx, "> ")
		if err != nil {
			return err
		}
		switch key := strings.TrimSpace(line); key {
		case "":
		case "q":
			return nil
		case "?":
			p.say(scoreHelp)
		case "t":
			d.show(p, 0)
		default:
			said, err, known := d.key(ctx, key)
			switch {
			case !known:
				p.sayWrapped("! ", fmt.Sprintf("%q is not understood; ? lists the letters", clip.Fit(clip.OneLine(key), 40)))
			case err != nil:
				p.sayWrapped("! ", err.Error())
			default:
				p.say(said)
			}
		}
	}
}

func (d *scoring) show(p *printer, limit int) {
	p.say("")
	p.say(d.progress(0))
	out, ok := d.output()
	if !ok {
		p.say("every output is scored: q quits, u undoes")
		return
	}
	p.sayText(out.ChunkText, limit)
	if out.Persona != "" {
		p.sayWrapped("persona: ", out.Persona)
	}
	p.sayWrapped("gold:    ", out.GoldQuestion)
	p.sayWrapped("scored:  ", out.Asked)
}
