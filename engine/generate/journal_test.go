package generate_test

import (
	"os"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestGenerateAllGoesOnAfterACrash(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(5)})
	// A crash between the two files, and one in the middle of a line.
	if err := os.Remove(w.Path("out.jsonl.journal")); err != nil {
		t.Fatal(err)
	}
	w.Write("out.jsonl", w.Read("out.jsonl")+`{"id": "half a li`)
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{})
	if r.Done != 3 || r.Skipped != 5 {
		t.Errorf("result = %+v", r)
	}
	seen := map[any]bool{}
	for _, line := range w.Lines("out.jsonl") {
		seen[line["id"]] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d different questions, want 8", len(seen))
	}
}

// However long half a line is, all of it goes and nothing else does.
func TestHalfALineGoes(t *testing.T) {
	for _, half := range []int{1, 100, 16 << 10, 16<<10 + 1, 300_000} {
		w := enginetest.New(t, enginetest.Setup{})
		enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(2)})
		whole := w.Read("out.jsonl")
		w.Write("out.jsonl", whole+(`{"id":"` + strings.Repeat("x", half))[:half])
		enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(2)})
		if got := w.Read("out.jsonl"); got != whole {
			t.Errorf("half a line of %d bytes: %d bytes are left of %d", half, len(got), len(whole))
		}
		w.Write("out.jsonl", strings.TrimSuffix(whole, "\n")) // whole but for its end
		enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(2)})
		if got := w.Read("out.jsonl"); got != whole {
			t.Errorf("%d bytes of %d after a lost newline", len(got), len(whole))
		}
	}
}

// A call that is refused for its output leaves the journal beside it alone.
func TestARefusedOutputKeepsItsJournal(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(3)})
	w.Write("out.jsonl", w.Read("out.jsonl")+"my own note\n")
	before := w.Files()
	for _, resume := range []bool{false, true} {
		_, err := w.GenerateAll(t.Context(), api.GenerateAllParams{Output: w.Path("out.jsonl"), Resume: &resume})
		enginetest.As[*api.FileError](t, err)
		for name, text := range w.Files() {
			if before[name] != text {
				t.Errorf("resume %t: %s is changed", resume, name)
			}
		}
	}
}
