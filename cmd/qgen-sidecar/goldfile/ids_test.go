package goldfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qgen-sidecar/cmd/qgen-sidecar/goldfile"
)

// An id of 64 bits is the same after a round trip through each shape.
func TestGoldIDsSurviveEveryShape(t *testing.T) {
	const id = "13570027672830659665"
	for format, text := range map[string]string{
		"gold.jsonl": `{"chunk_text":"c","persona_description":"p","gold_question":"q?","chunk_id":` + id + `}`,
		"gold.csv":   "chunk_text,persona_description,gold_question,chunk_id\nc,p,q?," + id + "\n",
		"argilla.jsonl": `{"fields":{"chunk":"c","persona":"p"},"metadata":{"chunk_id":` + id +
			`},"responses":{"question":[{"value":"q?","status":"submitted"}]}}`,
	} {
		path := filepath.Join(t.TempDir(), format)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		entries, err := goldfile.Read(path)
		if err != nil || len(entries) != 1 || !strings.Contains(string(entries[0]), `"chunk_id":`+id) {
			t.Errorf("%s: %s, %v", format, entries, err)
		}
	}
	// A text that only looks like a number stays a text.
	path := filepath.Join(t.TempDir(), "gold.csv")
	os.WriteFile(path, []byte("chunk_text,gold_question,chunk_id\nc,q?,007\n"), 0o644)
	entries, err := goldfile.Read(path)
	if err != nil || !strings.Contains(string(entries[0]), `"chunk_id":"007"`) {
		t.Errorf("007: %s, %v", entries, err)
	}
}
