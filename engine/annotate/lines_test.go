package annotate_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/engine/annotate"
	"qgen-sidecar/engine/decisions"
)

var update = flag.Bool("update", false, "write the golden files")

const hr = " as HR generalist"

func TestDecisions(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		gold    []string
		says    []string
	}{
		"take":                      {[]string{"2", "1"}, []string{"Chunk 1 → q1.2 by HR generalist? (fact)" + hr, "Chunk 2 → q2.1 by HR generalist? (fact)" + hr}, []string{"gold 2/3"}},
		"edit":                      {[]string{"e 2", "q1.2 in my words?"}, []string{"Chunk 1 → q1.2 in my words? (fact)" + hr}, []string{"was: q1.2"}},
		"edit the first by default": {[]string{"e", "mine?"}, []string{"Chunk 1 → mine? (fact)" + hr}, nil},
		"edit cancelled":            {[]string{"e", "", "q"}, nil, []string{"nothing was changed"}},
		"own":                       {[]string{"w", "all mine?"}, []string{"Chunk 1 → all mine? ()" + hr}, nil},
		"own on one line":           {[]string{"w all mine?"}, []string{"Chunk 1 → all mine? ()" + hr}, nil},
		"own that leans":            {[]string{"w What does the text say?"}, []string{"Chunk 1 → What does the text say? ()" + hr}, []string{"warning: leans on its text"}},
		"skip":                      {[]string{"s", "1"}, []string{"Chunk 2 → q2.1 by HR generalist? (fact)" + hr}, []string{"skipped 1"}},
		"bad":                       {[]string{"x", "x", "1"}, []string{"Chunk 3 → q3.1 by HR generalist? (fact)" + hr}, nil},
		"undo":                      {[]string{"1", "u", "3"}, []string{"Chunk 1 → q1.3 by HR generalist? (fact)" + hr}, []string{"undone: q1.1"}},
		"undo a skip":               {[]string{"s", "u", "1"}, []string{"Chunk 1 → q1.1 by HR generalist? (fact)" + hr}, []string{"no longer skipped"}},
		"undo all":                  {[]string{"1", "2", "x", "u", "u", "u", "u"}, nil, []string{"nothing to undo"}},
		"more":                      {[]string{"r", "1"}, []string{"Chunk 1 → q1.4 by HR generalist? (fact)" + hr}, nil},
		"more twice":                {[]string{"r", "r", "1"}, []string{"Chunk 1 → q1.7 by HR generalist? (fact)" + hr}, nil},
		"another persona":           {[]string{"p", "a nurse", "1"}, []string{"Chunk 1 → q1.1 by a nurse? (fact) as a nurse"}, nil},
		"not there":                 {[]string{"5", "1"}, []string{"Chunk 1 → q1.1 by HR generalist? (fact)" + hr}, []string{"there is no suggestion 5"}},
		"nonsense":                  {[]string{"zz", "12", "e x", "", "?"}, nil, []string{`"zz" is not understood`, `"12" is not understood`, "number of a suggestion"}},
		"quit":                      {[]string{"1", "q", "1"}, []string{"Chunk 1 → q1.1 by HR generalist? (fact)" + hr}, []string{"saved: 1 of 3"}},
		"past the end":              {[]string{"s", "s", "s", "s", "1", "w x", "u", "1"}, []string{"Chunk 4 → q4.1 by HR generalist? (fact)" + hr}, []string{"no chunk is left"}},
		"target":                    {[]string{"1", "1", "1", "1"}, []string{"Chunk 1 → q1.1 by HR generalist? (fact)" + hr, "Chunk 2 → q2.1 by HR generalist? (fact)" + hr, "Chunk 3 → q3.1 by HR generalist? (fact)" + hr, "Chunk 4 → q4.1 by HR generalist? (fact)" + hr}, []string{"target is reached"}},
		"nothing typed":             {nil, nil, []string{"saved: 0 of 3"}},
		"windows lines":             {[]string{"1\r"}, []string{"Chunk 1 → q1.1 by HR generalist? (fact)" + hr}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 4)
			out := w.sit(t, c.answers...)
			w.want(t, c.gold...)
			contains(t, out, c.says...)
		})
	}
}

// Every cut of a sitting into two, three, … gives the same gold set as one.
func TestSittingsAddUp(t *testing.T) {
	answers := []string{"1", "s", "e 2", "mine?", "u", "2", "u", "u", "x", "w own?", "1", "u", "3"}
	whole := newWorld(t, 8)
	whole.Target = 100
	whole.sit(t, answers...)
	if len(whole.gold) != 3 {
		t.Fatalf("gold set %q", whole.gold)
	}
	for _, cuts := range [][]int{{1}, {2}, {4}, {5, 6}, {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12}} {
		w := newWorld(t, 8)
		w.Target = 100
		from := 0
		for _, to := range append(cuts, len(answers)) {
			w.sit(t, answers[from:to]...)
			from = to
		}
		w.want(t, whole.gold...)
	}
}

// Killed at any byte of the journal, with the gold set written or not, the
// next start brings both level, and one more decision goes well.
func TestKilledAnywhere(t *testing.T) {
	full := newWorld(t, 4)
	full.sit(t, "1", "s", "2", "u", "3")
	journal, err := os.ReadFile(full.Journal)
	if err != nil {
		t.Fatal(err)
	}
	for size := 0; size <= len(journal); size += 7 {
		w := newWorld(t, 4)
		if err := os.WriteFile(w.Journal, journal[:size], 0o644); err != nil {
			t.Fatal(err)
		}
		// What the markers say is in the gold set is there.
		w.added = applied(t, journal[:size])
		for _, d := range w.added {
			w.gold = append(w.gold, line(d))
		}
		w.sit(t)
		if want := standing(t, journal[:size]); strings.Join(w.gold, "\n") != strings.Join(want, "\n") {
			t.Fatalf("killed at byte %d: gold set %q, want %q", size, w.gold, want)
		}
		before := len(w.gold)
		w.sit(t, "1")
		if len(w.gold) != before+1 {
			t.Fatalf("killed at byte %d: the next decision gave %q", size, w.gold)
		}
	}
}

type journalLine struct {
	Seq, Of                       int64
	Op, Question, ChunkText       string
	PersonaDescription, QueryType string
}

func readLines(t *testing.T, journal []byte) (out []journalLine) {
	lines := strings.SplitAfter(string(journal), "\n")
	for _, l := range lines {
		if !json.Valid([]byte(l)) { // half a line; a whole one may lack its newline
			continue
		}
		var raw map[string]any
		if err := json.Unmarshal([]byte(l), &raw); err != nil {
			t.Fatal(err)
		}
		text := func(k string) string { s, _ := raw[k].(string); return s }
		number := func(k string) int64 { f, _ := raw[k].(float64); return int64(f) }
		out = append(out, journalLine{number("seq"), number("of"), text("op"), text("question"), text("chunk_text"), text("persona_description"), text("query_type")})
	}
	return out
}

func (j journalLine) decision() decisions.Record {
	return decisions.Record{ChunkText: j.ChunkText, Question: j.Question, Persona: j.PersonaDescription, QueryType: j.QueryType}
}

// applied replays only what has its marker; standing what is decided.
func applied(t *testing.T, journal []byte) []decisions.Record {
	marked := map[int64]bool{}
	lines := readLines(t, journal)
	for _, l := range lines {
		if l.Op == "applied" {
			marked[l.Of] = true
		}
	}
	return replay(lines, func(l journalLine) bool { return marked[l.Seq] })
}

func standing(t *testing.T, journal []byte) (out []string) {
	for _, d := range replay(readLines(t, journal), func(journalLine) bool { return true }) {
		out = append(out, line(d))
	}
	return out
}

func replay(lines []journalLine, counts func(journalLine) bool) (out []decisions.Record) {
	var takes []journalLine
	for _, l := range lines {
		switch {
		case l.Op == "take" && counts(l):
			takes = append(takes, l)
		case l.Op == "undo" && counts(l):
			for i, x := range takes {
				if x.Seq == l.Of {
					takes = append(takes[:i], takes[i+1:]...)
					break
				}
			}
		}
	}
	for _, l := range takes {
		out = append(out, l.decision())
	}
	return out
}

// An entry that somebody took out by hand is not put back; its chunk may be
// asked again. One that somebody added is passed over.
func TestEditedGoldIsTakenIn(t *testing.T) {
	w := newWorld(t, 3)
	w.sit(t, "1", "1")
	w.gold, w.added = w.gold[1:], w.added[1:]
	out := w.sit(t)
	contains(t, out, "Chunk 1 says")
	w.want(t, "Chunk 2 → q2.1 by HR generalist? (fact)"+hr)
	w.added = append(w.added, decisions.Record{ChunkText: w.Chunks[0].Text, Question: "by hand?"})
	contains(t, w.sit(t), "Chunk 3 says")
}

func TestIDsSurviveRestart(t *testing.T) {
	w := newWorld(t, 2)
	w.saveErr = nil
	w.sit(t, "1")
	journal, _ := os.ReadFile(w.Journal)
	// Killed before the gold set had it.
	head, _, _ := strings.Cut(string(journal), "\n")
	os.WriteFile(w.Journal, []byte(head+"\n"), 0o644)
	w.gold, w.added = nil, nil
	w.sit(t)
	if len(w.added) != 1 || w.added[0].ChunkID != uint64(1<<60) {
		t.Errorf("saved again as %#v", w.added)
	}
}

// A gold set that cannot be written stops nothing and loses nothing.
func TestSaveFails(t *testing.T) {
	w := newWorld(t, 2)
	w.saveErr = errDisk
	out := w.sit(t, "1", "1")
	contains(t, out, "not taken: no space left on device")
	w.want(t)
	w.saveErr = nil
	w.sit(t) // the failed ones do not come back by themselves
	w.want(t)
	w.sit(t, "2")
	w.want(t, "Chunk 1 → q1.2 by HR generalist? (fact)"+hr)
}

// The same question, taken once it can be written, is in the gold set after every
// later start: the failed decision before it takes nothing away.
func TestTakenAgainAfterAFailure(t *testing.T) {
	w := newWorld(t, 2)
	save, failed := w.Save, false
	w.Save = func(ctx context.Context, d decisions.Record) (int, error) {
		if !failed {
			failed = true
			return 0, errDisk
		}
		return save(ctx, d)
	}
	const question = "Chunk 1 → q1.1 by HR generalist? (fact)" + hr
	contains(t, w.sit(t, "1", "1"), "not taken: no space left on device")
	w.want(t, question)
	w.sit(t)
	w.want(t, question)
}

func TestEndpointFails(t *testing.T) {
	w := newWorld(t, 2)
	w.Suggest = func(context.Context, annotate.Chunk, annotate.Wish) (annotate.Suggestions, error) {
		return annotate.Suggestions{}, errors.New("no endpoint could answer: a is dead\x1b[31m")
	}
	out := w.sit(t, "1", "w my own?", "q")
	contains(t, out, "no suggestions: no endpoint could answer: a is dead␛[31m", "there is no suggestion 1")
	w.want(t, "Chunk 1 → my own? () as ")
}

func TestSuggestPanics(t *testing.T) {
	w := newWorld(t, 1)
	w.Suggest = func(context.Context, annotate.Chunk, annotate.Wish) (annotate.Suggestions, error) { panic("boom") }
	contains(t, w.sit(t, "w my own?"), "suggesting failed: boom")
}

func TestNoPersona(t *testing.T) {
	w := newWorld(t, 1)
	w.Suggest = func(context.Context, annotate.Chunk, annotate.Wish) (annotate.Suggestions, error) {
		return annotate.Suggestions{}, nil
	}
	contains(t, w.sit(t, "s"), "no persona for this chunk")
}

func TestPersonas(t *testing.T) {
	w := newWorld(t, 1)
	w.Personas = func(context.Context, annotate.Chunk) ([]annotate.Persona, error) {
		return []annotate.Persona{{Name: "Nurse", Description: "a nurse"}, {Name: "Cook", Description: "a cook"}}, nil
	}
	out := w.sit(t, "p", "2", "1")
	contains(t, out, "1  Nurse a nurse", "2  Cook a cook")
	w.want(t, "Chunk 1 → q1.1 by a cook? (fact) as a cook")
}

func TestNotes(t *testing.T) {
	w := newWorld(t, 2)
	w.sit(t, "n ask the works council")
	out := w.sit(t, "1")
	contains(t, out, "note: ask the works council")
	if w.added[0].Note != "ask the works council" {
		t.Errorf("the note is %q", w.added[0].Note)
	}
}

// Suggestions are made for this chunk and the next two, never for more.
func TestAheadIsBounded(t *testing.T) {
	w := newWorld(t, 50)
	started := make(chan string, 100)
	w.Suggest = func(ctx context.Context, c annotate.Chunk, _ annotate.Wish) (annotate.Suggestions, error) {
		started <- c.Text
		if strings.HasPrefix(c.Text, "Chunk 1 ") {
			return annotate.Suggestions{}, nil
		}
		<-ctx.Done() // until the end
		return annotate.Suggestions{}, ctx.Err()
	}
	w.sit(t, "q")
	if n := len(started); n > 3 {
		t.Errorf("%d chunks were asked about, want at most 3", n)
	}
}

func TestContextEnds(t *testing.T) {
	w := newWorld(t, 1)
	ctx, cancel := context.WithCancel(context.Background())
	o := w.Options
	r, pipe, err := os.Pipe() // a person who types nothing
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer pipe.Close()
	o.In, o.Out = r, new(strings.Builder)
	o.Suggest = func(ctx context.Context, _ annotate.Chunk, _ annotate.Wish) (annotate.Suggestions, error) {
		cancel()
		<-ctx.Done()
		return annotate.Suggestions{}, ctx.Err()
	}
	if err := annotate.Run(ctx, o); err != nil {
		t.Errorf("the end of the context is a way to quit, got %v", err)
	}
}

func TestJournalFaults(t *testing.T) {
	w := newWorld(t, 2)
	os.WriteFile(w.Journal, []byte("{\"seq\":1,\"op\":\"skip\"}\nnonsense\n{}\n"), 0o644)
	if _, err := w.try(""); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v, want an error that names line 2", err)
	}
}

// Two people at one journal would write each other's sequence numbers.
func TestJournalIsLocked(t *testing.T) {
	w := newWorld(t, 2)
	var second error
	suggest := w.Suggest
	w.Suggest = func(ctx context.Context, c annotate.Chunk, wish annotate.Wish) (annotate.Suggestions, error) {
		if strings.HasPrefix(c.Text, "Chunk 1 ") {
			_, second = w.try("")
		}
		return suggest(ctx, c, wish)
	}
	w.sit(t, "1")
	if second == nil || !strings.Contains(second.Error(), "another annotate") {
		t.Errorf("a second annotate got %v", second)
	}
}

func TestMissingOptions(t *testing.T) {
	w := newWorld(t, 0)
	if _, err := w.try(""); err == nil {
		t.Error("no chunks: no error")
	}
}

// Text from outside can neither drive the terminal nor hide.
func TestHostileChunk(t *testing.T) {
	w := newWorld(t, 1)
	w.Chunks[0].Text = "Chunk 1 \x1b]0;title\x07 \u202egnp.exe \x00 " + strings.Repeat("long ", 200_000)
	start := time.Now()
	out := w.sit(t, "1")
	if strings.ContainsAny(out, "\x1b\x07\x00\u202e") {
		t.Error("a control character reached the terminal")
	}
	contains(t, out, "⟦U+202E⟧", "more lines: t")
	if w.added[0].ChunkText != w.Chunks[0].Text {
		t.Error("the chunk was changed on its way to the gold set")
	}
	t.Logf("a megabyte took %v", time.Since(start))
}

func TestGoldenSitting(t *testing.T) {
	w := newWorld(t, 3)
	w.Chunks[0].Text = "Chunk 1 says this. " + strings.Repeat("Employees who change from full to part time keep the leave earned so far. ", 20)
	w.Chunks[2].Text = "Chunk 3 休暇の残りは " + strings.Repeat("変更日に再計算されます。", 10)
	got := w.sit(t, "t", "2", "e 1", "booked days when hours change?", "u", "r", "9", "w", "my own?", "1", "", "s 2", "q")
	path := filepath.Join("testdata", "sitting.golden")
	if *update {
		os.MkdirAll("testdata", 0o755)
		os.WriteFile(path, []byte(got), 0o644)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s(-update writes it)", got, want)
	}
	for i, l := range strings.Split(got, "\n") {
		if len([]rune(l)) > 80 {
			t.Errorf("line %d is longer than 80: %s", i+1, l)
		}
	}
}
