package annotate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"qgen-sidecar/engine/annotate/terminal"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/quality"
)

// desk is the session with the current item's suggestions: all that the two
// front ends share. Its methods say what happened in a line for the person.
type desk struct {
	*session
	ahead    *ahead
	job      *job     // of the current chunk; nil when none is left
	given    *item    // in the place of a job's: of a decision that came back
	shown    []string // questions shown for it, for `more`
	personas []Persona
	persona  int             // index of the next persona that p takes
	spent    float64         // US dollars, in this sitting
	counted  map[*job]bool   // jobs whose cost is in spent
	seen     map[string]bool // types and formats of suggestions, "type:how-to"
}

func newDesk(ctx context.Context, o Options) (*desk, error) {
	s, err := newSession(ctx, o)
	if err != nil {
		return nil, err
	}
	d := &desk{session: s, ahead: newAhead(ctx, o), counted: map[*job]bool{}, seen: map[string]bool{}}
	d.arrive()
	return d, nil
}

// arrive takes up the current turn's suggestions and has the next ones made.
func (d *desk) arrive() {
	d.shown, d.personas, d.persona, d.job, d.given = nil, nil, 0, nil, nil
	if d.turn == nil {
		d.ahead.want(d.o.Chunks)
		return
	}
	var indices []int
	if d.turn.again == nil {
		indices = append(indices, d.turn.index)
	}
	// What comes after this one's decision, whatever it is.
	next := d.upcoming(d.aheadCount() + 1)
	if len(next) > 0 && next[0].again == nil && next[0].index == d.turn.index {
		next = next[1:]
	}
	for _, t := range next {
		if t.again == nil && t.index != d.turn.index && len(indices) <= d.aheadCount() {
			indices = append(indices, t.index)
		}
	}
	d.ahead.want(d.o.Chunks, indices...)
	if d.turn.again != nil {
		it := shuffledAgain(d.turn.again)
		d.given = &it
		return
	}
	d.job = d.ahead.job(d.turn.index)
}

func (d *desk) aheadCount() int {
	switch {
	case d.o.Ahead < 0:
		return 0
	case d.o.Ahead == 0:
		return 2
	}
	return min(d.o.Ahead, 2)
}

// item is the current chunk's, and whether its suggestions are there.
func (d *desk) item() (item, bool) {
	switch {
	case d.given != nil:
		return *d.given, true
	case d.job == nil:
		return item{}, true
	}
	select {
	case <-d.job.done:
		d.countIn(d.job)
		return d.job.got, true
	default:
		return item{}, false
	}
}

// countIn adds a job's cost and kinds, once.
func (d *desk) countIn(j *job) {
	if d.counted[j] {
		return
	}
	d.counted[j] = true
	d.spent += j.got.USD
	for _, s := range j.got.Items {
		d.seen["type:"+s.QueryType], d.seen["format:"+s.QueryFormat] = true, true
	}
}

// choose takes suggestion n, 1-based.
func (d *desk) choose(ctx context.Context, n int) (string, error) {
	it, err := d.candidate(n)
	if err != nil {
		return "", err
	}
	return d.decide(d.take(ctx, it, it.Items[n-1].Question, decisions.Picked, n, kinds{}), fmt.Sprintf("took %d", n))
}

// edit takes suggestion n in the person's words.
func (d *desk) edit(ctx context.Context, n int, text string) (string, error) {
	it, err := d.candidate(n)
	if err != nil {
		return "", err
	}
	how := decisions.Edited
	if strings.TrimSpace(text) == strings.TrimSpace(it.Items[n-1].Question) {
		how = decisions.Picked
	}
	return d.decide(d.take(ctx, it, text, how, n, kinds{}), fmt.Sprintf("took %d, %s", n, how))
}

// own takes a question of the person's; it needs no suggestions.
func (d *desk) own(ctx context.Context, text string, k kinds) (string, error) {
	it, _ := d.item()
	return d.decide(d.take(ctx, it, text, decisions.Own, 0, k), "took your own question")
}

// offered are the types and formats for own questions: the config's, else what
// suggestions were called so far, else a few that fit most texts.
func (d *desk) offered() (types, formats []string) {
	return d.offer(d.o.Types, "type:", "fact", "how-to", "why", "comparison", "problem"),
		d.offer(d.o.Formats, "format:", "question", "keywords", "scenario")
}

func (d *desk) offer(configured []string, prefix string, otherwise ...string) []string {
	const most = 9 // one key each
	if len(configured) > 0 {
		return configured[:min(len(configured), most)]
	}
	var out []string
	for s := range d.seen {
		if name, ok := strings.CutPrefix(s, prefix); ok && name != "" && len([]rune(name)) <= 30 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if len(out) == 0 {
		return otherwise
	}
	return out[:min(len(out), most)]
}

func (d *desk) candidate(n int) (item, error) {
	it, ready := d.item()
	switch {
	case d.turn == nil:
		return it, errNoChunk
	case !ready:
		return it, errors.New("the suggestions are not there yet; w writes an own question")
	case n < 1 || n > len(it.Items):
		return it, fmt.Errorf("there is no suggestion %d", n)
	}
	return it, nil
}

// skip passes over the chunk; why may be "".
func (d *desk) skip(why string) (string, error) {
	it, _ := d.item()
	said := "skipped"
	if why != "" {
		said += ": " + why
	}
	return d.decide(d.pass(decisions.Skip, why, it), said)
}

func (d *desk) bad() (string, error) {
	it, _ := d.item()
	return d.decide(d.pass(decisions.Bad, "", it), "marked the chunk as unusable")
}

func (d *desk) decide(err error, said string) (string, error) {
	if err != nil {
		return "", err
	}
	warning := ""
	if last := d.live[len(d.live)-1]; last.Op == decisions.Take {
		if reasons := quality.Standalone(last.Question); len(reasons) > 0 && last.How != decisions.Picked {
			warning = "; warning: " + reasons[0]
		}
	}
	reached := ""
	if d.count == d.o.Target {
		reached = "; the target is reached, q quits, or go on"
	}
	d.arrive()
	return said + warning + reached, nil
}

func (d *desk) back(ctx context.Context) (string, error) {
	r, err := d.undo(ctx)
	if err != nil {
		return "", err
	}
	d.arrive()
	switch r.Op {
	case decisions.Take:
		return "undone: " + terminal.Short(r.Question, 60) + " is out of the gold set", nil
	case decisions.Bad:
		return "undone: the chunk is usable again", nil
	case decisions.Again:
		return "undone", nil
	}
	return "undone: the chunk is no longer skipped", nil
}

// more asks for suggestions that differ from all shown for this chunk, and of the
// kind of suggestion like, 1-based, if it is not 0.
func (d *desk) more(like int) (string, error) {
	it, ready := d.item()
	switch {
	case d.turn == nil:
		return "", errNoChunk
	case !ready:
		return "", errors.New("the suggestions are on their way")
	case like > len(it.Items):
		return "", fmt.Errorf("there is no suggestion %d", like)
	}
	w := Wish{Persona: it.Persona, Name: it.Name, Match: it.Match}
	said := "asking for others"
	if like > 0 {
		w.Like = it.Items[like-1].Question
		said = fmt.Sprintf("asking for others like %d", like)
	}
	for _, s := range it.Items {
		d.shown = append(d.shown, s.Question)
	}
	w.Avoid = slices.Clone(d.shown)
	d.askAgain(w)
	return said, nil
}

func (d *desk) askAgain(w Wish) {
	d.given = nil
	d.job = d.ahead.start(d.turn.index, d.turn.chunk, w)
}

// speakAs has the suggestions made again for another persona.
func (d *desk) speakAs(p Persona) (string, error) {
	if d.turn == nil {
		return "", errNoChunk
	}
	if p.Description = strings.TrimSpace(p.Description); p.Description == "" {
		return "", errors.New("the persona is empty; nothing was changed")
	}
	d.askAgain(Wish{Persona: &p.Description, Name: p.Name, Match: p.Match})
	d.shown = nil
	return strings.TrimSpace("asking as another persona " + terminal.Short(p.Name, 30)), nil
}

// others lists the personas for the current chunk; none without the function.
func (d *desk) others(ctx context.Context) ([]Persona, error) {
	c, ok := d.chunk()
	if !ok {
		return nil, errNoChunk
	}
	if d.o.Personas == nil || d.personas != nil {
		return d.personas, nil
	}
	list, err := d.o.Personas(ctx, c)
	if err == nil {
		d.personas = list
	}
	return list, err
}

// progress is the head line: count, bar, skips, pace, time left and cost.
func (d *desk) progress(bar int) string {
	text := fmt.Sprintf("gold %d/%d", d.count, d.o.Target) + terminal.Bar(bar, d.count, d.o.Target)
	if d.skipped > 0 {
		text += fmt.Sprintf("  skipped %d", d.skipped)
	}
	if each := d.secondsEach(); each > 0 {
		text += terminal.Pace(each, d.o.Target-d.count)
	}
	if d.spent > 0 {
		text += fmt.Sprintf("  $%.2f", d.spent)
	}
	return text
}

// mix is the second head line: the kinds and personas of what was taken.
func (d *desk) mix() string {
	types, personas := map[string]int{}, map[string]bool{}
	for _, r := range d.live {
		if r.Op == decisions.Take {
			personas[r.Persona] = true
			if r.QueryType != "" {
				types[r.QueryType]++
			}
		}
	}
	if len(types) == 0 {
		return ""
	}
	names := slices.Collect(maps.Keys(types))
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(types[b]-types[a], cmp.Compare(a, b)) })
	const most = 5
	parts := []string{}
	for _, name := range names[:min(len(names), most)] {
		parts = append(parts, fmt.Sprintf("%s %d", terminal.Short(name, 20), types[name]))
	}
	if len(names) > most {
		parts = append(parts, fmt.Sprintf("%d others", len(names)-most))
	}
	return "types: " + strings.Join(parts, " · ") + fmt.Sprintf("   personas: %d", len(personas))
}

// lastSaid is what the latest decision was, for a screen that begins anew.
func (d *desk) lastSaid() string {
	if len(d.live) == 0 || d.journal.Mended != "" {
		return d.o.Notice
	}
	switch r := d.live[len(d.live)-1]; r.Op {
	case decisions.Take:
		return "last: " + terminal.Short(r.Question, 50) + "   u undoes"
	case decisions.Again:
		return ""
	}
	return "last: skipped   u undoes"
}

func (d *desk) summary() string {
	text := fmt.Sprintf("saved: %d of %d in the gold set, %d taken in this sitting", d.count, d.o.Target, d.taken)
	if same, of := d.agreement(); of > 0 {
		text += fmt.Sprintf("\nof %d decisions that came back unasked, you chose the same in %d: no judge can agree with you more often than you do", of, same)
	}
	return text
}

func (d *desk) close() error {
	d.ahead.close()
	return d.session.close()
}
