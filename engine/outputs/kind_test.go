package outputs_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// What looks like ours, and is not.
func TestNearlyOwnFilesStay(t *testing.T) {
	for name, c := range map[string]struct{ method, file, text string }{
		"questions for a baseline": {"fetch", "a.jsonl", `{"chunk_id":1,"chunk_text":"x","query":"mine?"}` + "\n"},
		"keys in another case":     {"fetch", "a.jsonl", `{"CHUNK_ID":1,"Chunk_Text":"x"}` + "\n"},
		"annotations":              {"fetch", "a.jsonl", `{"id":"x","chunk_id":1,"chunk_text":"x","annotator":"bob"}` + "\n"},
		"a line without an end":    {"fetch", "a.jsonl", `{"chunk_id":1,"chunk_text":"x"}` + "\nnotes"},
		"scores":                   {"gold export", "a.jsonl", `{"id":"1","chunk_text":"c","persona_description":"p","gold_question":"q?","query":"r?","score":3}` + "\n"},
		"another pipeline":         {"compile", "a.json", `{"analyzer":{},"generator":{},"summarizer":{},"metadata":{}}`},
		"a run file with notes":    {"compile", "a.run.json", `{"created_at":"x","program":{"hash":"y"},"entries":[]} and my notes`},
	} {
		w := writersWorld(t)
		w.Write(c.file, c.text)
		before := w.Files()
		enginetest.As[*api.FileError](t, writers[c.method](w, w.Path(strings.Replace(c.file, ".run.json", ".json", 1))))
		w.Unchanged(name, before)
	}
	w := writersWorld(t)
	for range 2 { // fields may have any name
		enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Output: w.Path("b.jsonl"), Fields: []string{"title", "query", "score"}}))(t)
	}
	w.Write("c.jsonl", "\n\n")
	if err := writers["fetch"](w, w.Path("c.jsonl")); err != nil {
		t.Errorf("blank lines: %v", err)
	}
	w.Write("t.csv", "\xef\xbb\xbf\"chunk_text\",\"persona_description\",\"gold_question\",\"query_type\",\"query_format\",\"chunk_id\"\r\n")
	if err := writers["gold export"](w, w.Path("t.csv")); err != nil {
		t.Errorf("a CSV file that a spreadsheet wrote: %v", err)
	}
}
