package scoring

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"qgen-sidecar/engine/annotate/terminal"
)

// scale says what the five scores mean, in the words that the judge is asked in.
var scale = []string{"far worse", "worse", "nearly as good", "as good", "better"}

// clauseKeys mark what the output lacks that was scored last.
var clauseKeys = []struct{ key, clause, words string }{
	{"c", "clarity", "not clear"}, {"v", "specificity", "vague"}, {"r", "relevance", "off the topic"},
}

const help = `Is the question as good as the gold one, or better, for this text: clear, specific, relevant?
1 far worse   2 worse   3 nearly as good   4 as good   5 better
c v r   the one scored last was not clear, vague, off the topic (as many as fit)
s  skip              u  undo, as often as you like
t  the whole text    ?  this help              q  quit; everything is saved`

// sitting is what was scored, and which output is shown.
type sitting struct {
	o       Options
	outputs []Output
	current int   // index, len when none is left
	done    []int // scored, oldest first: what undo takes back
	passed  map[int]bool
	began   time.Time
	given   int // scores that stand of this sitting
}

func newSitting(o Options) *sitting {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &sitting{o: o, outputs: append([]Output(nil), o.Outputs...), passed: map[int]bool{}, began: o.Now()}
	for i, out := range d.outputs {
		if out.Score > 0 {
			d.done = append(d.done, i)
		}
	}
	d.advance()
	return d
}

// advance goes to the first output that is neither scored nor skipped.
func (d *sitting) advance() {
	for d.current = 0; d.current < len(d.outputs); d.current++ {
		if d.outputs[d.current].Score == 0 && !d.passed[d.current] {
			return
		}
	}
}

func (d *sitting) output() (Output, bool) {
	if d.current >= len(d.outputs) {
		return Output{}, false
	}
	return d.outputs[d.current], true
}

var errAllScored = errors.New("every output is scored; u undoes, q quits")

func (d *sitting) give(ctx context.Context, score int) (string, error) {
	out, ok := d.output()
	if !ok {
		return "", errAllScored
	}
	if err := d.o.Save(ctx, out, score, nil); err != nil {
		return "", err
	}
	d.outputs[d.current].Score, d.outputs[d.current].Lacks = score, nil
	d.done = append(d.done, d.current)
	d.given++
	d.advance()
	return fmt.Sprintf("gave %d: %s", score, scale[score-1]), nil
}

// lacks marks a clause of the output scored last, or takes the mark away.
func (d *sitting) lacks(ctx context.Context, clause string) (string, error) {
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

func (d *sitting) skip() (string, error) {
	if _, ok := d.output(); !ok {
		return "", errAllScored
	}
	d.passed[d.current] = true
	d.advance()
	return "skipped for now", nil
}

func (d *sitting) undo(ctx context.Context) (string, error) {
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
	d.given = max(0, d.given-1)
	delete(d.passed, last)
	d.current = last
	return fmt.Sprintf("took the %d back", was), nil
}

// key does what a key says; false for one that means nothing here.
func (d *sitting) key(ctx context.Context, key string) (said string, err error, known bool) {
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

func (d *sitting) progress(bar int) string {
	text := fmt.Sprintf("scored %d/%d", len(d.done), len(d.outputs)) + terminal.Bar(bar, len(d.done), len(d.outputs))
	if d.given > 1 {
		text += terminal.Pace(d.o.Now().Sub(d.began).Seconds()/float64(d.given), len(d.outputs)-len(d.done))
	}
	return text
}

func (d *sitting) summary() string {
	text := fmt.Sprintf("saved: %d of %d outputs are scored", len(d.done), len(d.outputs))
	if len(d.done) > 0 {
		text += "; evaluate now says how far the judge agrees"
	}
	return text
}
