package annotate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qgen-sidecar/engine/annotate"
	"qgen-sidecar/engine/decisions"
)

// world is what the tool works on: chunks, a suggester and a gold set that
// outlive a sitting, as files do.
type world struct {
	annotate.Options
	mu      sync.Mutex
	gold    []string // "chunk text → question (type)"
	added   []decisions.Record
	saveErr error
	asked   int
}

func newWorld(t *testing.T, chunks int) *world {
	w := &world{}
	for i := range chunks {
		w.Chunks = append(w.Chunks, annotate.Chunk{ID: uint64(1<<60) + uint64(i), Source: fmt.Sprintf("leave.md §%d", i+1),
			Text: fmt.Sprintf("Chunk %d says that booked days stay booked.", i+1)})
	}
	w.Journal = filepath.Join(t.TempDir(), "gold.journal.jsonl")
	w.Target = 3
	w.Suggest, w.Save, w.Remove = w.suggest, w.save, w.remove
	w.Now = func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }
	return w
}

func (w *world) suggest(ctx context.Context, c annotate.Chunk, wish annotate.Wish) (annotate.Suggestions, error) {
	persona, avoid := wish.Persona, wish.Avoid
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	who := "HR generalist"
	if persona != nil {
		who = *persona
	}
	number := strings.Fields(c.Text)[1]
	out := annotate.Suggestions{Persona: &who, Model: "writer"}
	for i := range 3 {
		q := fmt.Sprintf("q%s.%d by %s?", number, len(avoid)+i+1, who)
		out.Items = append(out.Items, decisions.Suggestion{Question: q, QueryType: "fact", QueryFormat: "question"})
	}
	out.Items[1].Warnings = []string{"repeats 6 words of the text"}
	return out, nil
}

func line(d decisions.Record) string {
	return d.ChunkText[:7] + " → " + d.Question + " (" + d.QueryType + ") as " + d.Persona
}

func (w *world) save(_ context.Context, d decisions.Record) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.saveErr != nil {
		return 0, w.saveErr
	}
	if !slices.Contains(w.gold, line(d)) {
		w.gold = append(w.gold, line(d))
		w.added = append(w.added, d)
	}
	return len(w.gold), nil
}

func (w *world) remove(_ context.Context, d decisions.Record) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gold = slices.DeleteFunc(w.gold, func(l string) bool { return l == line(d) })
	w.added = slices.DeleteFunc(w.added, func(a decisions.Record) bool { return line(a) == line(d) })
	return len(w.gold), nil
}

// sit runs one sitting in line mode with these answers, then end of input.
func (w *world) sit(t *testing.T, answers ...string) string {
	t.Helper()
	out, err := w.try(strings.Join(answers, "\n"))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

func (w *world) try(input string) (string, error) {
	var out bytes.Buffer
	o := w.Options
	o.In, o.Out = strings.NewReader(input), &out
	o.Gold = nil
	for _, d := range w.added {
		o.Gold = append(o.Gold, decisions.GoldEntry{ChunkText: d.ChunkText, Question: d.Question})
	}
	err := annotate.Run(context.Background(), o)
	return out.String(), err
}

func (w *world) want(t *testing.T, gold ...string) {
	t.Helper()
	if !slices.Equal(w.gold, gold) {
		t.Errorf("gold set:\n  %s\nwant:\n  %s", strings.Join(w.gold, "\n  "), strings.Join(gold, "\n  "))
	}
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q in\n%s", want, text)
		}
	}
}

var errDisk = errors.New("no space left on device")
