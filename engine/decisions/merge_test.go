package decisions_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qgen-sidecar/engine/decisions"
)

func take(chunk, question string) decisions.Record {
	return decisions.Record{Op: decisions.Take, ChunkText: chunk, Question: question}
}

func pass(op, chunk string) decisions.Record { return decisions.Record{Op: op, ChunkText: chunk} }

// goldOf is a gold set in memory, and the function that saves into it.
func goldOf(entries ...string) (*[]string, func(context.Context, decisions.Record) (int, error)) {
	gold := entries
	return &gold, func(_ context.Context, r decisions.Record) (int, error) {
		gold = append(gold, r.ChunkText+": "+r.Question)
		return len(gold), nil
	}
}

func TestMerge(t *testing.T) {
	dir := t.TempDir()
	ann, ben, cat := filepath.Join(dir, "ann"), filepath.Join(dir, "ben"), filepath.Join(dir, "cat")
	write(t, ann, take("one", "What is one?"), take("two", "ann's?"), pass(decisions.Skip, "three"), take("four", "four?"))
	write(t, ben, take("one", " what is  ONE"), take("two", "ben's?"), pass(decisions.Bad, "three"), pass(decisions.Skip, "four"), take("five", "ben's five?"))
	write(t, cat, take("five", "cat's five?"), take("six", "undone?"), decisions.Record{Op: decisions.Undo, Of: 2}, take("seven", "seven?"))
	gold, save := goldOf("one: What is one?", "two: ann's?", "four: four?")
	got, err := decisions.Merge(context.Background(), ann, []string{ben, cat},
		[]decisions.GoldEntry{{ChunkText: "one"}, {ChunkText: "two"}, {ChunkText: "four"}}, save)
	if err != nil {
		t.Fatal(err)
	}
	// Ann took three of the four that both saw, Ben two; on whether to take they differ once.
	agreed, kappa := 0.5, (0.75-(0.75*0.5+0.25*0.5))/(1-(0.75*0.5+0.25*0.5))
	want := decisions.Merged{Added: 2, Count: 5, Agreement: []decisions.Together{
		{Journal: ben, Both: 4, Same: 1, Differ: 1, Passed: 1, OnePast: 1, Agreed: &agreed, KappaUse: &kappa},
		{Journal: cat},
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"one: What is one?", "two: ann's?", "four: four?", "five: ben's five?", "seven: seven?"}, *gold); diff != "" {
		t.Error(diff)
	}
}

// Two who took every chunk agree as chance would have it: there is no kappa.
func TestMergeWithoutAChoice(t *testing.T) {
	ann, ben := filepath.Join(t.TempDir(), "ann"), filepath.Join(t.TempDir(), "ben")
	write(t, ann, take("one", "one?"))
	write(t, ben, take("one", "one?"))
	_, save := goldOf()
	got, err := decisions.Merge(context.Background(), ann, []string{ben}, []decisions.GoldEntry{{ChunkText: "one"}}, save)
	if err != nil || got.Agreement[0].KappaUse != nil || *got.Agreement[0].Agreed != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// One's own journal need not exist; another's that does not is a mistake. What could
// not be saved ends the merge.
func TestMergeFaults(t *testing.T) {
	dir := t.TempDir()
	ben, none := filepath.Join(dir, "ben"), filepath.Join(dir, "none")
	write(t, ben, take("one", "one?"), take("two", "two?"))
	gold, save := goldOf()
	if got, err := decisions.Merge(context.Background(), none, []string{ben}, nil, save); err != nil || got.Added != 2 || len(*gold) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := decisions.Merge(context.Background(), ben, []string{none}, nil, save); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
	disk := errors.New("no space left on device")
	full := func(context.Context, decisions.Record) (int, error) { return 0, disk }
	if got, err := decisions.Merge(context.Background(), none, []string{ben}, nil, full); !errors.Is(err, disk) || got.Added != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
