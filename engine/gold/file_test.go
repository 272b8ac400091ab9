package gold_test

import (
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestBadGoldNamesTheLine(t *testing.T) {
	good := `{"chunk_text": "c", "persona_description": "p", "gold_question": "q"}`
	tests := map[string]struct {
		text   string
		line   int
		reason string
	}{
		"missing key":    {"[\n" + good + ",\n\n{\"chunk_text\": \"c\", \"persona_description\": \"p\"}]", 4, `entry 2: expected a text under "gold_question", found no such key`},
		"blank text":     {`[{"chunk_text": " ", "persona_description": "p", "gold_question": "q"}]`, 1, `entry 1: expected a text under "chunk_text", found the text " "`},
		"wrong type":     {"[\n" + good + "\n,\n" + `{"chunk_text": "c", "persona_description": 3, "gold_question": "q"}]`, 4, `entry 2: expected a text under "persona_description", found the number 3`},
		"null":           {`[{"chunk_text": "c", "persona_description": null, "gold_question": "q"}]`, 1, `entry 1: expected a text under "persona_description", found nothing`},
		"type of a type": {`[{"chunk_text": "c", "persona_description": "", "gold_question": "q", "query_type": []}]`, 1, `entry 1: expected a text under "query_type", found an array`},
		"no object":      {"[\n\n7]", 3, `entry 1: expected an object with "chunk_text", "persona_description" and "gold_question"`},
		"syntax":         {"[\n" + good + ",\n{\"a\": }]", 3, "expected JSON: found '}' where a value should begin"},
		"cut off":        {"[\n" + good + ",\n", 3, "expected the end of the array, found the end of the file"},
		"an object":      {"{}", 1, "expected a JSON array, found an object"},
		"empty file":     {"", 1, "expected a JSON array, found nothing"},
		"more after it":  {"[]\n[]", 2, "expected the end of the file after the array"},
	}
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w.Write("gold_dataset.json", tt.text)
			_, err := w.GoldSample(t.Context(), api.GoldSampleParams{})
			e := enginetest.As[*api.FileError](t, err)
			if e.Line != tt.line || e.Reason != tt.reason || e.Path != w.Path("gold_dataset.json") {
				t.Errorf("got line %d: %s\nwant line %d: %s", e.Line, e.Reason, tt.line, tt.reason)
			}
		})
	}
}
