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

const help = `1-5  take that suggestion          w  write your own question
e    edit one, then take it         r  others; r 2, or m: like that one
s    skip this chunk (1 boring, 2 unclear, 3 wrong persona, 4 other)
x    the chunk is unusable           u  undo, as often as you like
p    another persona                 n  note about this chunk
t    the whole text                  ?  this help
q    quit; everything is saved       Enter takes the one marked ▸ on the screen`
