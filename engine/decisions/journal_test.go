package decisions_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qgen-sidecar/engine/decisions"
)

func write(t *testing.T, path string, records ...decisions.Record) {
	t.Helper()
	j, _, err := decisions.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if _, err := j.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// asked are the questions and reasons of records, in order.
func asked(records []decisions.Record) (out []string) {
	for _, r := range records {
		out = append(out, r.Op+" "+r.Question+r.Why)
	}
	return out
}

func TestStanding(t *testing.T) {
	path := decisions.Beside(filepath.Join(t.TempDir(), "gold_dataset.json"))
	shown := []decisions.Suggestion{{Question: "a?"}, {Question: "b?"}}
	write(t, path,
		decisions.Record{Op: decisions.Take, ChunkText: "one", ChunkHash: "another's", Question: "b, edited?", How: decisions.Edited, Picked: 2, Shown: shown},
		decisions.Record{Op: decisions.Take, ChunkText: "two", Question: "undone?"},
		decisions.Record{Op: decisions.Undo, Of: 2},
		decisions.Record{Op: decisions.Note, Note: "hm"},
		decisions.Record{Op: decisions.Applied, Of: 1},
		decisions.Record{Op: decisions.Skip, ChunkText: "three", Why: "boring", Shown: shown},
	)
	write(t, path, decisions.Record{Op: decisions.Bad, ChunkText: "four"})
	got, err := decisions.Standing(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"take b, edited?", "skip boring", "bad "}, asked(got)); diff != "" {
		t.Error(diff)
	}
	if chosen, known := got[0].Chosen(); !known || chosen.Question != "b?" || got[0].ChunkHash != decisions.HashOf("one") {
		t.Errorf("chosen %v of chunk %s", chosen, got[0].ChunkHash)
	}
	if _, known := got[1].Chosen(); known {
		t.Error("a skip chose something")
	}
	if _, err := decisions.Standing(path + ".none"); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}

func TestAHalfLineWasNeverAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gold.journal.jsonl")
	write(t, path, decisions.Record{Op: decisions.Take, Question: "one?"}, decisions.Record{Op: decisions.Take, Question: "two?"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.IndexByte(string(whole), '\n') + 1
	for size := first; size < len(whole); size += 7 {
		if err := os.WriteFile(path, whole[:size], 0o644); err != nil {
			t.Fatal(err)
		}
		// Whoever only reads does not wait for the writer to mend it.
		if got, err := decisions.Standing(path); err != nil || len(got) != 1 {
			t.Fatalf("cut at %d: %v, %v", size, asked(got), err)
		}
		write(t, path, decisions.Record{Op: decisions.Take, Question: "three?"})
		got, err := decisions.Standing(path)
		if diff := cmp.Diff([]int64{1, 2}, []int64{got[0].Seq, got[1].Seq}); err != nil || diff != "" {
			t.Fatalf("cut at %d: %v %s", size, err, diff)
		}
	}
}

func TestAForeignLineIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gold.journal.jsonl")
	write(t, path, decisions.Record{Op: decisions.Take, Question: "one?"})
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("not JSON\n{}\n")
	f.Close()
	for name, open := range map[string]func() error{
		"Standing": func() error { _, err := decisions.Standing(path); return err },
		"Open":     func() error { _, _, err := decisions.Open(path); return err },
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOneWrites(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no lock there")
	}
	path := filepath.Join(t.TempDir(), "gold.journal.jsonl")
	j, _, err := decisions.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Append(decisions.Record{Op: decisions.Take, Question: "one?"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := decisions.Open(path); err == nil || !strings.Contains(err.Error(), "another annotate is writing it") {
		t.Errorf("%v", err)
	}
	got, err := decisions.Standing(path)
	want := []decisions.Record{{Seq: 1, Op: decisions.Take, Question: "one?"}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(decisions.Record{}, "At")); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}
