package gold_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/engine/gold"
)

func entry(t *testing.T, n int) gold.Entry {
	t.Helper()
	e, err := gold.New(api.GoldAddParams{ChunkText: fmt.Sprintf("chunk %d", n), GoldQuestion: fmt.Sprintf("Question %d?", n)})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Two sets of one file are two processes: each sees what the other wrote, and
// neither loses anything of it.
func TestTwoWritersLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gold.json")
	writers := []*gold.Set{gold.Open(path), gold.Open(path)}
	const each = 20
	var all sync.WaitGroup
	for w, set := range writers {
		all.Go(func() {
			for i := range each {
				if _, err := set.Add(t.Context(), entry(t, w*each+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for w, set := range writers {
		entries, err := set.Entries()
		if err != nil || len(entries) != len(writers)*each {
			t.Fatalf("writer %d sees %d entries (%v), want %d", w, len(entries), err, len(writers)*each)
		}
	}
}

func TestAnEntryKeepsItsOtherKeysAndItsPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gold.json")
	before := `[
  {
    "note": {
      "of": "ours",
      "n": 12345678901234567890
    },
    "chunk_text": "a chunk",
    "persona_description": "",
    "gold_question": "Old?"
  },
  {
    "chunk_text": "another",
    "persona_description": "",
    "gold_question": "Second?"
  }
]
`
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	set := gold.Open(path)
	if err := set.Reword(t.Context(), "a chunk", "Old?", "New?"); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(before, "Old?", "New?", 1); string(after) != want {
		t.Errorf("the file is\n%s\nwant\n%s", after, want)
	}
	var fault *api.FileError
	if err := set.Reword(t.Context(), "a chunk", "Old?", "Newer?"); !errors.As(err, &fault) || fault.Path != path {
		t.Errorf("an entry that is gone: %v, want a *api.FileError about %s", err, path)
	}
}

func TestRemove(t *testing.T) {
	set := gold.Open(filepath.Join(t.TempDir(), "gold.json"))
	if _, err := set.Entries(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Entries of no file: %v, want one that is fs.ErrNotExist", err)
	}
	if _, err := set.Add(t.Context(), entry(t, 1), entry(t, 2), entry(t, 1)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		question string
		left     int
	}{{"Question 1?", 1}, {"Question 1?", 1}} {
		if n, err := set.Remove(t.Context(), "chunk 1", step.question); n != step.left || err != nil {
			t.Errorf("Remove(%q) = %d, %v, want %d", step.question, n, err, step.left)
		}
	}
}

func TestParse(t *testing.T) {
	for raw, want := range map[string]string{
		`{"chunk_text":"c","persona_description":"","gold_question":"q"}`:                   "",
		`{"chunk_text":"c","persona_description":"","gold_question":"q","query_type":null}`: "",
		`{"chunk_text":"c","persona_description":"","gold_question":"q","query_type":3}`:    `expected a text under "query_type"`,
		`{"chunk_text":"  ","persona_description":"","gold_question":"q"}`:                  `expected a text under "chunk_text"`,
		`{"chunk_text":"c","gold_question":"q"}`:                                            `"persona_description", found no such key`,
		`null`:                                                                              "expected an object",
		`[]`:                                                                                "expected an object",
	} {
		if _, reason := gold.Parse([]byte(raw)); (reason == "") != (want == "") || !strings.Contains(reason, want) {
			t.Errorf("Parse(%s): %q, want %q", raw, reason, want)
		}
	}
}

// The gold set is read once while its file is the same, and anew when it is not.
func TestAGoldSetChangedByHandIsSeen(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	add := func(q string) int {
		return enginetest.Must(w.GoldAdd(t.Context(), api.GoldAddParams{ChunkText: q, PersonaDescription: "p", GoldQuestion: q}))(t).Count
	}
	add("a?")
	add("b?")
	w.WriteGoldQuestions("by hand?")
	if n := add("c?"); n != 2 {
		t.Errorf("%d entries, want the one by hand and one more", n)
	}
	if got := w.Read("gold_dataset.json"); !strings.Contains(got, "by hand?") || strings.Contains(got, "a?\"") {
		t.Error(got)
	}
}
