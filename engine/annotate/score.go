package annotate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"qgen-sidecar/engine/annotate/terminal"
)

// Output is a question to score beside the gold one. Who wrote it is not said.
type Output struct {
	ID                                      string
	ChunkText, Persona, GoldQuestion, Asked string
	Score                                   int      // that this person gave it before; 0: none
	Lacks                                   []string // as marked before
}

// ScoreOptions of Score. Outputs, Save, In and Out are required.
type ScoreOptions struct {
	Outputs []Output // in the order in which they are shown
	// Save keeps a score before it returns; score 0 takes it back.
	Save func(ctx context.Context, o Output, score int, lacks []string) error

	In         io.Reader
	Out        io.Writer
	IsTerminal bool             // full screen; else lines
	NoColor    bool             // NO_COLOR is set
	Now        func() time.Time // nil: time.Now
}

// Score has a person score outputs 1–5, blind, until all are scored, the person
// quits, the input ends or ctx ends. Every score is saved before the next output
// is shown.
func Score(ctx context.Context, o ScoreOptions) error {
	switch {
	case o.Save == nil || o.In == nil || o.Out == nil:
		return errors.New("annotate: Save, In and Out are required")
	case len(o.Outputs) == 0:
		return errors.New("annotate --judge: there is no output to score; the gold set has no entry to write one for")
	}
	d := newScoring(o)
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

// scale says what the five scores mean, in the words that the judge is asked in.
var scale = []string{"far worse", "worse", "nearly as good", "as good", "better"}

// clauseKeys mark what the output lacks that was scored last.
var clauseKeys = []struct{ key, clause, words string }{
	{"c", "clarity", "not clear"}, {"v", "specificity", "vague"}, {"r", "relevance", "off the topic"},
}

const scoreHelp = `Is the question as good as the gold one, or better, for this text: clear, specific, relevant?
1 far worse   2 worse   3 nearly as good   4 as good   5 better
c v r   the one scored last was not clear, vague, off the topic (as many as fit)
s  skip              u  undo, as often as you like
t  the whole text    ?  this help              q  quit; everything is saved`

// scoring is a sitting: what was scored, and which output is shown.
type scoring struct {
	o       ScoreOptions
	outputs []Output
	current int   // index, len when none is left
	done    []int // scored, oldest first: what undo takes back
	passed  map[int]bool
	began   time.Time
	sitting int // scored in this sitting
}

func newScoring(o ScoreOptions) *scoring {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &scoring{o: o, outputs: append([]Output(nil), o.Outputs...), passed: map[int]bool{}, began: o.Now()}
	for i, out := range d.outputs {
		if out.Score > 0 {
			d.done = append(d.done, i)
		}
	}
	d.advance()
	return d
}

// advance goes to the first output that is neither scored nor skipped.
func (d *scoring) advance() {
	for d.current = 0; d.current < len(d.outputs); d.current++ {
		if d.outputs[d.current].Score == 0 && !d.passed[d.current] {
			return
		}
	}
}

func (d *scoring) output() (Output, bool) {
	if d.current >= len(d.outputs) {
		return Output{}, false
	}
	return d.outputs[d.current], true
}

var errAllScored = errors.New("every output is scored; u undoes, q quits")

func (d *scoring) give(ctx context.Context, score int) (string, error) {
	out, ok := d.output()
	if !ok {
		return "", errAllScored
	}
	if err := d.o.Save(ctx, out, score, nil); err != nil {
		return "", err
	}
	d.outputs[d.current].Score, d.outputs[d.current].Lacks = score, nil
	d.done = append(d.done, d.current)
	d.sitting++
	d.advance()
	return fmt.Sprintf("gave %d: %s", score, scale[score-1]), nil
}

// lacks marks a clause of the output scored last, or takes the mark away.
func (d *scoring) lacks(ctx context.Context, clause string) (string, error) {
	if len(d.done) == 0 {
		return "", errors.New("nothing was scored yet: first a score, then what was lacking")
	}
	last := &d.outputs[d.done[len(d.done)-1]]
	marked := []string{}
	for _, c := range last.Lacks {
		if c != clause {
			marked = append(marked, c)
		}
	}
	if len(marked) == len(last.Lacks) {
		marked = append(marked, clause)
	}
	if err := d.o.Save(ctx, *last, last.Score, marked); err != nil {
		return "", err
	}
	last.Lacks = marked
	if len(marked) == 0 {
		return "the last one lacks nothing", nil
	}
	return "the last one lacks " + strings.Join(marked, " and "), nil
}

func (d *scoring) skip() (string, error) {
	if _, ok := d.output(); !ok {
		return "", errAllScored
	}
	d.passed[d.current] = true
	d.advance()
	return "skipped for now", nil
}

func (d *scoring) undo(ctx context.Context) (string, error) {
	if len(d.done) == 0 {
		return "", errors.New("there is nothing to undo")
	}
	last := d.done[len(d.done)-1]
	if err := d.o.Save(ctx, d.outputs[last], 0, nil); err != nil {
		return "", err
	}
	was := d.outputs[last].Score
	d.outputs[last].Score, d.outputs[last].Lacks = 0, nil
	d.done = d.done[:len(d.done)-1]
	d.sitting = max(0, d.sitting-1)
	delete(d.passed, last)
	d.current = last
	return fmt.Sprintf("took the %d back", was), nil
}

// key does what a key says; false for one that means nothing here.
func (d *scoring) key(ctx context.Context, key string) (said string, err error, known bool) {
	switch key {
	case "1", "2", "3", "4", "5":
		said, err = d.give(ctx, int(key[0]-'0'))
	case "s":
		said, err = d.skip()
	case "u":
		said, err = d.undo(ctx)
	default:
		for _, c := range clauseKeys {
			if c.key == key {
				said, err = d.lacks(ctx, c.clause)
				return said, err, true
			}
		}
		return "", nil, false
	}
	return said, err, true
}

func (d *scoring) progress(bar int) string {
	text := fmt.Sprintf("scored %d/%d", len(d.done), len(d.outputs)) + terminal.Bar(bar, len(d.done), len(d.outputs))
	if d.sitting > 1 {
		text += terminal.Pace(d.o.Now().Sub(d.began).Seconds()/float64(d.sitting), len(d.outputs)-len(d.done))
	}
	return text
}

func (d *scoring) summary() string {
	text := fmt.Sprintf("saved: %d of %d outputs are scored", len(d.done), len(d.outputs))
	if len(d.done) > 0 {
		text += "; evaluate now says how far the judge agrees"
	}
	return text
}
