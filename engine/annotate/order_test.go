package annotate

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qgen-sidecar/engine/decisions"
)

// sitter decides through the desk, over a gold set in memory.
type sitter struct {
	t    *testing.T
	o    Options
	gold []decisions.GoldEntry
	*desk
}

func newSitter(t *testing.T, texts ...string) *sitter {
	s := &sitter{t: t}
	s.o = Options{Journal: filepath.Join(t.TempDir(), "gold.journal.jsonl"), Target: 1000, In: strings.NewReader(""), Out: new(bytes.Buffer),
		Now: func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }}
	for i, text := range texts {
		s.o.Chunks = append(s.o.Chunks, Chunk{ID: i, Text: text})
	}
	s.o.Suggest = func(_ context.Context, c Chunk, w Wish) (Suggestions, error) {
		who := "somebody"
		out := Suggestions{Persona: &who, USD: 0.25}
		for n := range 4 {
			out.Items = append(out.Items, decisions.Suggestion{Question: fmt.Sprintf("%d%s about %s?", len(w.Avoid)+n, w.Like, c.Text), QueryType: "fact"})
		}
		return out, nil
	}
	s.o.Save = func(_ context.Context, d decisions.Record) (int, error) {
		s.gold = append(s.gold, decisions.GoldEntry{ChunkText: d.ChunkText, Question: d.Question})
		return len(s.gold), nil
	}
	s.o.Remove = func(_ context.Context, d decisions.Record) (int, error) {
		s.gold = slices.DeleteFunc(s.gold, func(g decisions.GoldEntry) bool { return g.Question == d.Question })
		return len(s.gold), nil
	}
	s.sit()
	return s
}

// sit begins a sitting, after ending the last one.
func (s *sitter) sit() {
	s.t.Helper()
	if s.desk != nil {
		s.desk.close()
	}
	s.o.Gold = slices.Clone(s.gold)
	var err error
	if s.desk, err = newDesk(context.Background(), s.o); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { s.desk.close() })
}

func (s *sitter) do(said string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// ready waits for the current suggestions.
func (s *sitter) ready() item {
	if s.job != nil {
		<-s.job.done
	}
	it, _ := s.item()
	return it
}

func topics(n int) []string {
	words := []string{"deposits insurance landlord", "balcony railings paint", "heating thermostat valves", "elevator inspection cables"}
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s paragraph%d", words[min(i/10, 3)], i))
	}
	return out
}

// Every other chunk is the file's next one; those between come from topics that
// have had none.
func TestOrderIsHalfFairAndHalfThin(t *testing.T) {
	s := newSitter(t, topics(40)...)
	var order []int
	for range 8 {
		order = append(order, s.turn.index)
		s.do(s.skip(""))
	}
	if fair := []int{order[0], order[2], order[4], order[6]}; !slices.Equal(fair, []int{0, 1, 2, 3}) {
		t.Errorf("the fair half is %v", fair)
	}
	if thin := []int{order[1], order[3], order[5]}; thin[0]/10 == 0 || thin[1]/10 == 0 || thin[2]/10 == 0 || thin[0]/10 == thin[1]/10 || thin[1]/10 == thin[2]/10 {
		t.Errorf("the thin half is %v, want three topics beside the first", thin)
	}
}

// What is made ahead is what comes, whatever was decided; and a restart shows the
// same chunk.
func TestUpcomingIsWhatComes(t *testing.T) {
	s := newSitter(t, topics(40)...)
	for i := range 18 {
		next := s.upcoming(3)
		s.ready()
		if i%3 == 0 {
			s.do(s.skip("boring"))
		} else {
			s.do(s.choose(context.Background(), 1+i%4))
		}
		if s.turn.index != next[1].index {
			t.Fatalf("after %d decisions came %d, foretold was %d", i+1, s.turn.index, next[1].index)
		}
		if i%5 == 4 {
			was := s.turn.index
			s.sit()
			if s.turn.index != was {
				t.Fatalf("a restart after %d decisions shows %d instead of %d", i+1, s.turn.index, was)
			}
		}
	}
}

// From the twentieth on one in ten comes back, in another order, and changes
// nothing in the gold set.
func TestDecisionsComeBack(t *testing.T) {
	s := newSitter(t, topics(60)...)
	ctx := context.Background()
	again, before := 0, map[string]string{}
	for len(s.gold) < 45 {
		it := s.ready()
		if r := s.turn.again; r != nil {
			again++
			if it.Items[0].Question == r.Shown[0].Question || len(it.Items) != len(r.Shown) {
				t.Errorf("came back in the order %v", it.Items)
			}
			n := 1 + slices.IndexFunc(it.Items, func(g decisions.Suggestion) bool { return g.Question == before[r.ChunkHash] })
			if again == 2 { // once she changes her mind
				n = n%len(it.Items) + 1
			}
			had := len(s.gold)
			s.do(s.choose(ctx, n))
			if len(s.gold) != had {
				t.Fatal("a decision that came back changed the gold set")
			}
			continue
		}
		n := 1 + len(s.gold)%4
		before[s.hash()] = it.Items[n-1].Question
		s.do(s.choose(ctx, n))
	}
	if same, of := s.agreement(); of != 3 || same != 2 || again != 3 {
		t.Errorf("%d of %d the same, %d came back", same, of, again)
	}
	if !strings.Contains(s.summary(), "of 3 decisions that came back unasked, you chose the same in 2") {
		t.Error(s.summary())
	}
	s.sit()
	if same, of := s.agreement(); of != 3 || same != 2 {
		t.Errorf("after a restart %d of %d", same, of)
	}
}

// Undo goes through decisions that came back as through others.
func TestUndoAcrossWhatCameBack(t *testing.T) {
	s := newSitter(t, topics(40)...)
	ctx := context.Background()
	for len(s.gold) < 20 {
		s.ready()
		s.do(s.choose(ctx, 1))
	}
	if s.turn.again == nil {
		t.Fatal("nothing came back after twenty")
	}
	s.do(s.skip("unclear"))
	if s.turn.again != nil || s.skipped != 0 {
		t.Errorf("turn %+v, skipped %d", s.turn, s.skipped)
	}
	s.do(s.back(ctx))
	if s.turn.again == nil || len(s.gold) != 20 {
		t.Errorf("undo shows %+v with %d in the gold set", s.turn, len(s.gold))
	}
	s.ready()
	s.do(s.choose(ctx, 1))
	s.do(s.back(ctx))
	s.do(s.back(ctx))
	if len(s.gold) != 19 || s.turn.again != nil {
		t.Errorf("%d in the gold set, turn %+v", len(s.gold), s.turn)
	}
}

func TestMoreLikeOne(t *testing.T) {
	s := newSitter(t, "one", "two")
	s.ready()
	s.do(s.more(3))
	it := s.ready()
	if q := it.Items[0].Question; q != "42 about one? about one?" { // four were shown, like the third
		t.Errorf("asked for %q", q)
	}
	if _, err := s.more(9); err == nil {
		t.Error("like a suggestion that is not there")
	}
	if !strings.Contains(s.progress(0), "$0.50") {
		t.Errorf("progress %q", s.progress(0))
	}
}

// The journal says why a chunk was skipped, what was shown, and how long it took.
func TestJournalKeepsWhatWasShown(t *testing.T) {
	s := newSitter(t, "one", "two")
	s.ready()
	s.do(s.skip("wrong persona"))
	r := s.live[0]
	if r.Why != "wrong persona" || len(r.Shown) != 4 || r.Persona != "somebody" {
		t.Errorf("record %+v", r)
	}
}

// A thousand items: the next one is found as quickly as the first.
func BenchmarkDecisionAfterAThousand(b *testing.B) {
	var texts []string
	for i := range 2100 {
		texts = append(texts, strings.Repeat(fmt.Sprintf("word%d about topic%d ", i%97, i%13), 40)+fmt.Sprint(i))
	}
	s := &session{o: Options{Chunks: make([]Chunk, len(texts))}, decided: map[string]bool{}, gold: map[string]map[string]bool{}, words: map[string][]uint32{}}
	for i, text := range texts {
		h := decisions.HashOf(text)
		s.hashes = append(s.hashes, h)
		s.words[h] = wordSet(text)
		s.o.Chunks[i].Text = text
		if i < 1000 {
			s.live = append(s.live, decisions.Record{Op: decisions.Take, ChunkHash: h, Seq: int64(i)})
			s.decided[h] = true
		}
	}
	for b.Loop() {
		s.upcoming(3)
	}
}
