package check_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestReportOfAQuestionSet(t *testing.T) {
	w := enginetest.NewNumbered(t, enginetest.Setup{})
	evil := "<script>alert(1)</script> 3 \u202e?"
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Report: w.Path("set.html"), Questions: []api.QuestionToCheck{
		toCheck(4, "3 who pays for it?"), toCheck(40, evil), toCheck(40, "What does the passage say?"),
	}}))(t)
	page := w.Read("set.html")
	for _, want := range []string{"Dark chunks", "among the first 10", "not found", "leans on its text", "data-kinds=\"standalone", "3 who pays for it?"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "\u202e") || r.Report != w.Path("set.html") {
		t.Error("hostile text is more than text")
	}
	var full struct {
		Dark      []string `json:"dark_chunks"`
		Questions []struct{ Query string }
	}
	if err := json.Unmarshal([]byte(w.Read("set.json")), &full); err != nil || len(full.Questions) != 3 || full.Questions[1].Query != evil || len(full.Dark) != 1 {
		t.Errorf("json: %+v, %v", full, err)
	}
	if text := w.Read("set.md"); !strings.Contains(text, "| standalone:") || strings.Contains(text, "<script>") {
		t.Errorf("markdown: %s", text)
	}
	_, err := w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Report: w.Path("set.json")})
	enginetest.As[*api.FileError](t, err)
	if _, err := os.Stat(w.Path("none/set.html")); err == nil {
		t.Error("a folder was made before anything was checked")
	}
}
