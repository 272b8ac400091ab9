package annotate

import (
	"context"
	"errors"
	"fmt"
)

// Run annotates until the person quits, the input ends or ctx ends. Quitting
// is no error: everything decided is saved.
func Run(ctx context.Context, o Options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d, err := newDesk(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		cancel() // ends what is made ahead
		err = errors.Join(err, d.close())
	}()
	if o.IsTerminal {
		err = runScreen(ctx, d)
	} else {
		err = runLines(ctx, d)
	}
	if err == nil {
		_, err = fmt.Fprintln(o.Out, d.summary())
	}
	return err
}

func (o Options) check() error {
	switch {
	case o.Suggest == nil || o.Save == nil || o.Remove == nil || o.In == nil || o.Out == nil || o.Journal == "":
		return errors.New("annotate: Suggest, Save, Remove, In, Out and Journal are required")
	case len(o.Chunks) == 0:
		return errors.New("annotate: there are no chunks; run fetch first")
	}
	return nil
}
