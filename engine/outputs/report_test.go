package outputs_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/enginetest"
)

// Reports of versions that had no mark are known by their structure; each kind
// of report is replaced by its own kind alone.
func TestReportsOfEarlierVersionsAreReplaced(t *testing.T) {
	unmarked := func(w *enginetest.World) {
		for _, name := range []string{"out.html", "out.md"} {
			text := w.Read(name)
			for _, mark := range []string{"evaluate", "check-questions"} {
				text = strings.ReplaceAll(text, `<meta name="generator" content="qgen-sidecar `+mark+`">`+"\n", "")
				text = strings.ReplaceAll(text, "\n<!-- qgen-sidecar "+mark+" -->\n", "")
			}
			if text == w.Read(name) {
				w.T.Errorf("%s carries no mark", name)
			}
			w.Write(name, text)
		}
	}
	for writer, over := range map[string][]string{"evaluate": {"compare", "check-questions"}, "check-questions": {"check-questions", "evaluate"}} {
		w := writersWorld(t)
		if err := writers[writer](w, w.Path("out.html")); err != nil {
			t.Fatal(err)
		}
		unmarked(w)
		if err := writers[over[0]](w, w.Path("out.html")); err != nil {
			t.Errorf("%s over %s of an earlier version: %v", over[0], writer, err)
		}
		if err := writers[over[1]](w, w.Path("out.html")); err == nil {
			t.Errorf("%s replaced the report of %s", over[1], writer)
		}
	}
}
