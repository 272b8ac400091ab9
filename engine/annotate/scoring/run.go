package scoring

import (
	"context"
	"errors"
	"fmt"
)

// Run has a person score outputs 1–5, blind, until all are scored, the person
// quits, the input ends or ctx ends. Every score is saved before the next output
// is shown.
func Run(ctx context.Context, o Options) error {
	switch {
	case o.Save == nil || o.In == nil || o.Out == nil:
		return errors.New("annotate: Save, In and Out are required")
	case len(o.Outputs) == 0:
		return errors.New("annotate --judge: there is no output to score; the gold set has no entry to write one for")
	}
	d := newSitting(o)
	run := d.runLines
	if o.IsTerminal {
		run = d.runScreen
	}
	err := run(ctx)
	if err == nil {
		_, err = fmt.Fprintln(o.Out, d.summary())
	}
	return err
}
