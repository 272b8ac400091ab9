package annotate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"qgen-sidecar/engine/decisions"
)

// session is what has been decided and what comes next. It knows no screen:
// both front ends call its methods, one goroutine at a time. Every method that
// decides something has written it, to the journal and then the gold set,
// before it returns.
type session struct {
	o       Options
	journal *decisions.Journal
	live    []decisions.Record         // decisions that stand, oldest first
	hashes  []string                   // of o.Chunks
	decided map[string]bool            // chunk hashes with a decision that stands
	gold    map[string]map[string]bool // chunk hash → questions in the gold set
	notes   map[string]string          // for the next decision on a chunk
	words   map[string][]uint32        // of chunks, by hash
	count   int                        // entries in the gold set
	turn    *turn                      // what is shown; nil when nothing is left
	shownAt time.Time
	pace    []float64 // seconds of the latest decisions
	taken   int       // in this sitting
	skipped int       // skips and bad chunks that stand
	void    []int64   // decisions said not to stand, which the journal does not say yet
}

// newSession replays the journal. What the gold set does not have yet, because
// the process ended between the two writes, it gets now.
func newSession(ctx context.Context, o Options) (*session, error) {
	if o.Target <= 0 {
		o.Target = 100
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &session{o: o, count: len(o.Gold), decided: map[string]bool{}, notes: map[string]string{}, gold: map[string]map[string]bool{}, words: map[string][]uint32{}}
	for _, c := range o.Chunks {
		h := decisions.HashOf(c.Text)
		s.hashes = append(s.hashes, h)
		s.words[h] = wordSet(c.Text)
	}
	for _, g := range o.Gold {
		s.markGold(decisions.HashOf(g.ChunkText), g.Question)
	}
	j, records, err := decisions.Open(o.Journal)
	if err != nil {
		return nil, err
	}
	s.journal = j
	s.o.Notice = strings.TrimPrefix(s.o.Notice+"; "+j.Mended, "; ")
	s.o.Notice = strings.TrimSuffix(s.o.Notice, "; ")
	if err := s.replay(ctx, records); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	s.advance()
	return s, nil
}

func (s *session) markGold(hash, question string) {
	if s.gold[hash] == nil {
		s.gold[hash] = map[string]bool{}
	}
	s.gold[hash][question] = true
}

func (s *session) replay(ctx context.Context, records []decisions.Record) error {
	applied := map[int64]bool{}
	for _, r := range records {
		if r.Op == decisions.Applied {
			applied[r.Of] = true
		}
	}
	type undo struct {
		seq int64
		of  decisions.Record
	}
	var unfinished []undo // those that the gold set has not followed
	for _, r := range records {
		switch r.Op {
		case decisions.Take, decisions.Skip, decisions.Bad, decisions.Again:
			s.live = append(s.live, r)
		case decisions.Undo:
			i := slices.IndexFunc(s.live, func(x decisions.Record) bool { return x.Seq == r.Of })
			if i < 0 {
				continue
			}
			undone := s.live[i]
			s.live = slices.Delete(s.live, i, i+1)
			if undone.Op == decisions.Take && !applied[r.Seq] {
				unfinished = append(unfinished, undo{r.Seq, undone})
			}
		case decisions.Note:
			s.notes[r.ChunkHash] = r.Note
		}
	}
	for _, u := range unfinished {
		if s.standing(u.of) { // it was taken anew since
			continue
		}
		if err := s.remove(ctx, u.seq, u.of); err != nil {
			return err
		}
	}
	return s.settle(ctx, applied)
}

// standing reports whether another decision that stands took the same question.
func (s *session) standing(r decisions.Record) bool {
	return slices.ContainsFunc(s.live, func(x decisions.Record) bool {
		return x.Op == decisions.Take && x.ChunkHash == r.ChunkHash && x.Question == r.Question
	})
}

// settle brings the gold set level with the decisions that stand. A question
// that was saved and is gone since was taken out by hand: its chunk may be
// asked again, and nothing is put back.
func (s *session) settle(ctx context.Context, applied map[int64]bool) error {
	for _, r := range s.live {
		switch {
		case r.Op == decisions.Again:
		case r.Op != decisions.Take:
			s.decided[r.ChunkHash] = true
			s.skipped++
		case s.gold[r.ChunkHash][r.Question]:
			s.decided[r.ChunkHash] = true
		case !applied[r.Seq]:
			if err := s.save(ctx, r); err != nil {
				return err
			}
			s.decided[r.ChunkHash] = true
		}
		if r.Op == decisions.Take || r.Op == decisions.Skip || r.Op == decisions.Bad {
			delete(s.notes, r.ChunkHash)
		}
	}
	return nil
}

// advance goes to the next turn.
func (s *session) advance() {
	s.turn = nil
	if next := s.upcoming(1); len(next) > 0 {
		s.turn = &next[0]
	}
	s.shownAt = s.o.Now()
}

// chunk is the current one; false when all are decided.
func (s *session) chunk() (Chunk, bool) {
	if s.turn == nil {
		return Chunk{}, false
	}
	return s.turn.chunk, true
}

// hash is the current chunk's, "" without one.
func (s *session) hash() string {
	if s.turn == nil {
		return ""
	}
	return s.turn.hash
}

var errNoChunk = errors.New("there is no chunk left to decide about")

// take puts a question into the gold set. how is picked, edited or own; picked
// the 1-based number of the suggestion it came from, 0 for an own one, whose type
// and format are own's. A decision that came back leaves the gold set as it is.
func (s *session) take(ctx context.Context, it item, question, how string, picked int, own kinds) error {
	question = strings.TrimSpace(question)
	if question == "" {
		return errors.New("the question is empty; nothing was taken")
	}
	r := decisions.Record{Op: decisions.Take, Question: question, How: how, Picked: picked, QueryType: own.Type, QueryFormat: own.Format}
	if picked >= 1 && picked <= len(it.Items) {
		r.QueryType, r.QueryFormat = it.Items[picked-1].QueryType, it.Items[picked-1].QueryFormat
	}
	if s.turn != nil && s.turn.again != nil {
		chosen := ""
		if picked > 0 {
			chosen = it.Items[picked-1].Question
		}
		return s.again(it, r, chosen)
	}
	r, err := s.write(r, it)
	if err != nil {
		return err
	}
	if err := s.save(ctx, r); err != nil {
		// The decision does not stand: the next start must not repeat it.
		s.void = append(s.void, r.Seq)
		return errors.Join(fmt.Errorf("not taken: %w", err), s.takeBack())
	}
	s.taken++
	s.stand(r)
	return nil
}

// takeBack writes that the decisions in s.void do not stand. On a full disk that may
// not fit either: it is tried again before the next decision, and at the end.
func (s *session) takeBack() error {
	for len(s.void) > 0 {
		if _, err := s.journal.Append(decisions.Record{Op: decisions.Undo, Of: s.void[0], At: s.o.Now()}); err != nil {
			return err
		}
		s.void = s.void[1:]
	}
	return nil
}

// again writes what the person decided this time about a decision that came
// back; Same says whether it is what she chose before.
func (s *session) again(it item, r decisions.Record, chosen string) error {
	before := s.turn.again
	r.Op, r.Of = decisions.Again, before.Seq
	r.Same = chosen != "" && chosen == before.Shown[before.Picked-1].Question
	r, err := s.write(r, it)
	if err == nil {
		s.stand(r)
	}
	return err
}

// agreement is how often a decision that came back was the same.
func (s *session) agreement() (same, of int) {
	for _, r := range s.live {
		if r.Op == decisions.Again {
			of++
			if r.Same {
				same++
			}
		}
	}
	return same, of
}

// pass skips the chunk (decisions.Skip), for a reason that may be "", or marks it
// unusable (decisions.Bad).
func (s *session) pass(op, why string, it item) error {
	if s.turn != nil && s.turn.again != nil {
		return s.again(it, decisions.Record{How: op, Why: why}, "")
	}
	r, err := s.write(decisions.Record{Op: op, Why: why}, it)
	if err != nil {
		return err
	}
	s.skipped++
	s.stand(r)
	return nil
}

// write puts a decision on the current chunk into the journal.
func (s *session) write(r decisions.Record, it item) (decisions.Record, error) {
	c, ok := s.chunk()
	if !ok {
		return r, errNoChunk
	}
	r.At, r.ChunkHash, r.ChunkID, r.ChunkText, r.Source = s.o.Now(), s.hash(), c.ID, c.Text, c.Source
	r.Note, r.Shown, r.Model = s.notes[r.ChunkHash], it.Items, it.Model
	if it.Persona != nil {
		r.Persona = *it.Persona
	}
	if err := s.takeBack(); err != nil {
		return r, err
	}
	r.Seconds = r.At.Sub(s.shownAt).Seconds()
	return s.journal.Append(r)
}

// stand keeps a decision that is written and goes on.
func (s *session) stand(r decisions.Record) {
	s.live = append(s.live, r)
	if r.Op != decisions.Again {
		s.decided[r.ChunkHash] = true
		delete(s.notes, r.ChunkHash)
	}
	// A long pause is no pace.
	if r.Seconds < 600 {
		s.pace = append(s.pace[max(0, len(s.pace)-19):], r.Seconds)
	}
	s.advance()
}

// undo takes the latest decision back, also one of an earlier sitting, and
// shows its chunk again.
func (s *session) undo(ctx context.Context) (decisions.Record, error) {
	if len(s.live) == 0 {
		return decisions.Record{}, errors.New("there is nothing to undo")
	}
	last := s.live[len(s.live)-1]
	r, err := s.journal.Append(decisions.Record{Op: decisions.Undo, Of: last.Seq, At: s.o.Now(), ChunkHash: last.ChunkHash})
	if err != nil {
		return decisions.Record{}, err
	}
	switch last.Op {
	case decisions.Again: // the decision it was about stands
		s.live = s.live[:len(s.live)-1]
		s.advance()
		return last, nil
	case decisions.Take:
		if err := s.remove(ctx, r.Seq, last); err != nil {
			return decisions.Record{}, err
		}
		s.taken = max(0, s.taken-1)
	default:
		s.skipped--
	}
	s.live = s.live[:len(s.live)-1]
	delete(s.decided, last.ChunkHash)
	if last.Note != "" {
		s.notes[last.ChunkHash] = last.Note
	}
	s.advance()
	// Not every chunk of the journal is in this file.
	if i := slices.Index(s.hashes, last.ChunkHash); i >= 0 && len(s.gold[last.ChunkHash]) == 0 {
		s.turn = &turn{index: i, hash: last.ChunkHash, chunk: s.o.Chunks[i]}
	}
	return last, nil
}

// note keeps a remark for the current chunk's decision.
func (s *session) note(text string) error {
	c, ok := s.chunk()
	if !ok {
		return errNoChunk
	}
	h := s.hash()
	_, err := s.journal.Append(decisions.Record{Op: decisions.Note, At: s.o.Now(), ChunkHash: h, ChunkID: c.ID, Note: strings.TrimSpace(text)})
	if err == nil {
		s.notes[h] = strings.TrimSpace(text)
	}
	return err
}

func (s *session) save(ctx context.Context, r decisions.Record) error {
	n, err := s.o.Save(ctx, r)
	if err != nil {
		return err
	}
	s.count = n
	s.markGold(r.ChunkHash, r.Question)
	_, err = s.journal.Append(decisions.Record{Op: decisions.Applied, Of: r.Seq, At: s.o.Now()})
	return err
}

// remove takes a decision's entry out of the gold set; seq is the undo's line.
func (s *session) remove(ctx context.Context, seq int64, r decisions.Record) error {
	n, err := s.o.Remove(ctx, r)
	if err != nil {
		return err
	}
	s.count = n
	delete(s.gold[r.ChunkHash], r.Question)
	_, err = s.journal.Append(decisions.Record{Op: decisions.Applied, Of: seq, At: s.o.Now()})
	return err
}

// secondsEach is the mean of the latest decisions; 0 before the first.
func (s *session) secondsEach() float64 {
	if len(s.pace) == 0 {
		return 0
	}
	sum := 0.0
	for _, p := range s.pace {
		sum += p
	}
	return sum / float64(len(s.pace))
}

func (s *session) close() error { return errors.Join(s.takeBack(), s.journal.Close()) }
