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

// Editors take the last newline away; the decision before it was acknowledged.
func TestALineWithoutItsNewlineCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gold.journal.jsonl")
	write(t, path, decisions.Record{Op: decisions.Take, Question: "one?"}, decisions.Record{Op: decisions.Take, Question: "two?"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"no newline": strings.TrimSuffix(string(whole), "\n"), "a blank": strings.TrimSuffix(string(whole), "\n") + " "} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := decisions.Standing(path); err != nil || len(got) != 2 {
			t.Errorf("%s, read: %v, %v", name, asked(got), err)
		}
		write(t, path, decisions.Record{Op: decisions.Take, Question: "three?"})
		got, err := decisions.Standing(path)
		if diff := cmp.Diff([]string{"take one?", "take two?", "take three?"}, asked(got)); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

// Earlier versions wrote on behind half a line that a full disk had left. The
// decision behind it was acknowledged.
func TestADecisionBehindHalfALineStands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gold.journal.jsonl")
	write(t, path, decisions.Record{Op: decisions.Take, Question: "one?"}, decisions.Record{Op: decisions.Take, Question: `lost {"seq":9} inside?`},
		decisions.Record{Op: decisions.Take, Question: "two?"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for cut := 1; cut < len(lines[1])-2; cut += 5 {
		if err := os.WriteFile(path, []byte(lines[0]+lines[1][:cut]+lines[2]), 0o644); err != nil {
			t.Fatal(err)
		}
		j, got, err := decisions.Open(path)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if diff := cmp.Diff([]string{"take one?", "take two?"}, asked(got)); diff != "" || !strings.Contains(j.Mended, "line 2") {
			t.Errorf("cut at %d: said %q, %s", cut, j.Mended, diff)
		}
		j.Close()
	}
}

// What is no journal is not written to, and not cut.
func TestAForeignFileStaysAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gold.journal.jsonl")
	for name, text := range map[string]string{
		"notes without an end": "to do: buy milk", "another journal": `{"id":1,"op":"x"}` + "\n", "SQLite": "SQLite format 3\x00", "an object": `{"a": 1}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := decisions.Open(path)
		data, _ := os.ReadFile(path)
		if err == nil || !strings.Contains(err.Error(), "line 1") || string(data) != text {
			t.Errorf("%s: %v; the file is %q", name, err, data)
		}
	}
}
