package decisions

import (
	"context"
	"errors"
	"os"

	"qgen-sidecar/engine/quality"
)

// Merged is what came of bringing people's journals together.
type Merged struct {
	Added     int        `json:"added"` // entries that the gold set did not have
	Count     int        `json:"count"` // entries that it has now
	Agreement []Together `json:"agreement"`
}

// Together is how two people decided about the chunks that both looked at.
type Together struct {
	Journal  string   `json:"journal"`       // the other one's
	Both     int      `json:"both"`          // chunks that both decided on
	Same     int      `json:"same_question"` // both took it, word for word but for blanks, case and end
	Differ   int      `json:"other_question"`
	Passed   int      `json:"both_passed"` // both skipped the chunk or found it unusable
	OnePast  int      `json:"one_passed"`
	Agreed   *float64 `json:"agreed"` // share of Both: the same question, or both passed
	KappaUse *float64 `json:"kappa"`  // Cohen's, of whether the chunk is worth a question at all
}

// GoldEntry is one entry of the gold set as it is now.
type GoldEntry struct {
	ChunkText, Question string
}

// Merge puts what the others took into the gold set, where it has nothing of the chunk:
// one entry a chunk. own is this person's journal; it need not exist. gold is the gold
// set now; save puts a taken record into it and answers how many entries it has then.
// No journal is changed.
func Merge(ctx context.Context, own string, others []string, gold []GoldEntry, save func(context.Context, Record) (int, error)) (Merged, error) {
	out := Merged{Count: len(gold), Agreement: []Together{}}
	mine, err := readStanding(own)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return out, err
	}
	has := map[string]bool{}
	for _, g := range gold {
		has[HashOf(g.ChunkText)] = true
	}
	for _, path := range others {
		theirs, err := readStanding(path)
		if err != nil {
			return out, err
		}
		out.Agreement = append(out.Agreement, together(path, mine, theirs))
		for _, r := range theirs.order {
			if r.Op != Take || has[r.ChunkHash] {
				continue
			}
			n, err := save(ctx, r)
			if err != nil {
				return out, err
			}
			has[r.ChunkHash] = true
			out.Added, out.Count = out.Added+1, n
		}
	}
	return out, nil
}

// standing are the decisions of a journal, by chunk and in order.
type standing struct {
	order   []Record
	byChunk map[string]Record
}

func readStanding(path string) (standing, error) {
	records, err := Standing(path)
	out := standing{order: records, byChunk: map[string]Record{}}
	for _, r := range records {
		out.byChunk[r.ChunkHash] = r
	}
	return out, err
}

func together(path string, mine, theirs standing) Together {
	t := Together{Journal: path}
	tookMine, tookTheirs := 0, 0
	for hash, a := range mine.byChunk {
		b, ok := theirs.byChunk[hash]
		if !ok {
			continue
		}
		t.Both++
		if a.Op == Take {
			tookMine++
		}
		if b.Op == Take {
			tookTheirs++
		}
		switch {
		case a.Op == Take && b.Op == Take && quality.Folded(a.Question) == quality.Folded(b.Question):
			t.Same++
		case a.Op == Take && b.Op == Take:
			t.Differ++
		case a.Op != Take && b.Op != Take:
			t.Passed++
		default:
			t.OnePast++
		}
	}
	if t.Both > 0 {
		n := float64(t.Both)
		agreed := float64(t.Same+t.Passed) / n
		t.Agreed = &agreed
		seen := (n - float64(t.OnePast)) / n
		a, b := float64(tookMine)/n, float64(tookTheirs)/n
		if chance := a*b + (1-a)*(1-b); chance < 1 {
			kappa := (seen - chance) / (1 - chance)
			t.KappaUse = &kappa
		}
	}
	return t
}
