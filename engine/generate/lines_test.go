package generate_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// A file whose lines are not generate-all's is left as it is, to the byte, and
// nothing is paid for before it was looked at.
func TestGenerateAllAppendsToItsOwnLinesOnly(t *testing.T) {
	for name, others := range map[string]string{
		"an id that is none":     `{"id":"somebody's","chunk_id":1,"chunk_text":"t","query":"?"}` + "\n",
		"no query":               `{"id":"0123456789abcdef0123456789abcdef","chunk_id":1,"chunk_text":"t"}` + "\n",
		"a sample of chunks":     `{"chunk_id":1,"chunk_text":"t"}` + "\n",
		"arrays":                 "[]\n[]\n",
		"notes":                  "to do:\n- buy milk",
		"one unfinished line":    "a diary without an end",
		"SQLite":                 "SQLite format 3\x00\x10\x00\x01\x01\x00",
		"blank lines and a half": "\n\n{\"my\": ",
	} {
		for _, resume := range []bool{true, false} {
			w := enginetest.New(t, enginetest.Setup{})
			w.Write("out.jsonl", others)
			p := api.GenerateAllParams{Output: w.Path("out.jsonl"), Resume: &resume}
			_, err := w.GenerateAll(t.Context(), p)
			if e := enginetest.As[*api.FileError](t, err); !strings.Contains(e.Reason, "it stays as it is") {
				t.Errorf("%s: %v", name, err)
			}
			if text := w.Read("out.jsonl"); text != others {
				t.Errorf("%s: the file is %q now", name, text)
			}
			if n := w.LLM.Count(); n != 0 {
				t.Errorf("%s: %d calls were paid for before the file was looked at", name, n)
			}
		}
	}
}
