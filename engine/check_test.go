package engine_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestCheckQuestions(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	chunk := enginetest.EightChunks()
	questions := []api.QuestionToCheck{
		{ChunkText: chunk[1]["text"].(string), ChunkID: api.NewChunkID(2), Query: "What are the practical details of balcony railings for tenants?"},
		{ChunkText: chunk[1]["text"].(string), ChunkID: api.NewChunkID(2), Query: "What are the practical details of balcony railings for tenants?"},
		{ChunkText: chunk[2]["text"].(string), Query: "What does this passage say?"},
		{ChunkText: chunk[3]["text"].(string), ChunkID: api.NewChunkID(4), Query: chunk[3]["text"].(string)},
	}
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: questions}))(t)
	if r.N != 4 || r.Duplicates != 1 || r.Leaks != 1 || r.NotStandalone != 1 || len(r.Languages) == 0 || len(r.Diversity) == 0 {
		t.Errorf("result = %+v", r)
	}
	if r.RoundTrip == nil || r.RoundTrip.At10 != 1 || r.RoundTrip.At1 > 1 || r.RoundTrip.MRR <= 0 || !enginetest.Warned(r.Warnings, "1 questions without a chunk_id") {
		t.Errorf("round trip = %+v, warnings = %v", r.RoundTrip, r.Warnings)
	}
	if len(r.Flagged) != 3 || r.Flagged[0].Index != 1 {
		t.Errorf("flagged = %+v", r.Flagged)
	}
	none := enginetest.New(t, enginetest.Setup{NoStore: true, NoEmbed: true})
	r = enginetest.Must(none.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: questions}))(t)
	if r.RoundTrip != nil || !enginetest.Warned(r.Warnings, "round_trip was not measured") {
		t.Errorf("result = %+v", r)
	}
	held := enginetest.New(t, enginetest.Setup{})
	enginetest.Must(held.Open(t.Context()))(t)
	beside := enginetest.New(t, enginetest.Setup{Dir: held.Dir})
	r = enginetest.Must(beside.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: questions}))(t)
	if r.RoundTrip != nil || r.Leaks != 1 || !enginetest.Warned(r.Warnings, "locked") {
		t.Errorf("beside a holder: %+v", r)
	}
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true})
	r = enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{}))(t)
	if r.N != 8 || r.RoundTrip == nil {
		t.Errorf("of the saved questions: %+v", r)
	}
}

func toCheck(point int, query string) api.QuestionToCheck {
	return api.QuestionToCheck{ChunkText: "c", ChunkID: api.NewChunkID(point), Query: query}
}

func TestTwinsCountAsFound(t *testing.T) {
	questions := []api.QuestionToCheck{
		toCheck(1, "0 who pays for the railings of a balcony?"),
		toCheck(41, "4 where may a bicycle be left overnight?"), // finds point 5 first, its near twin
		toCheck(40, "7 when is the stairwell cleaned?"),         // about something else: 39 is not among ten
	}
	w := enginetest.NewNumbered(t, enginetest.Setup{})
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: questions}))(t)
	want := api.RoundTrip{At1: 2.0 / 3, At5: 2.0 / 3, At10: 2.0 / 3, MRR: 2.0 / 3}
	if diff := cmp.Diff(&want, r.RoundTrip); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{uint64(40)}, r.DarkChunks); diff != "" {
		t.Error(diff)
	}
	if len(r.Flagged) != 1 || r.Flagged[0].Index != 2 || !strings.Contains(r.Flagged[0].Reasons[0], "round-trip") {
		t.Errorf("flagged = %+v", r.Flagged)
	}
	// Without twins the second question finds its own chunk second.
	strict := enginetest.NewNumbered(t, enginetest.Setup{TOML: "[quality]\ntwin_cosine = 1\n"})
	if r = enginetest.Must(strict.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: questions}))(t); r.RoundTrip.At1 != 1.0/3 || r.RoundTrip.MRR != 0.5 {
		t.Errorf("without twins %+v", r.RoundTrip)
	}
	// The gate holds to the same.
	p := enginetest.AboutChunk(1)
	p.ChunkID, p.Gates = api.NewChunkID(40), []string{"round-trip"}
	if g := enginetest.Must(w.Generate(t.Context(), p))(t); g.RejectedReason == "" {
		t.Errorf("generate = %+v", g)
	}
}

// One of a chunk's questions that finds it is enough.
func TestDarkChunks(t *testing.T) {
	w := enginetest.NewNumbered(t, enginetest.Setup{})
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
		toCheck(39, "1 a?"), toCheck(40, "2 b?"), toCheck(39, "38 c?"), toCheck(40, "3 d?"),
	}}))(t)
	if diff := cmp.Diff([]any{uint64(40)}, r.DarkChunks); diff != "" {
		t.Error(diff)
	}
}

func TestDuplicatesByMeaning(t *testing.T) {
	w := enginetest.NewNumbered(t, enginetest.Setup{})
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
		toCheck(4, "3 who pays for the railings of a balcony?"),
		toCheck(5, "4 when is the stairwell cleaned by the tenants?"),
		toCheck(4, "3 is it the landlord that has to replace them?"),   // means the first, as it is embedded
		toCheck(5, "4 when is the stairwell cleaned by the tenants??"), // says the second, and is counted once
	}}))(t)
	if r.Duplicates != 2 || len(r.Flagged) != 2 || !strings.Contains(r.Flagged[0].Reasons[0], "means nearly what question 0 means") ||
		!strings.Contains(r.Flagged[1].Reasons[0], "nearly question 1") {
		t.Errorf("duplicates = %d, flagged = %+v", r.Duplicates, r.Flagged)
	}
	if vendi, _ := r.Diversity["vendi"].(float64); vendi < 1.9 || vendi > 2.1 {
		t.Errorf("vendi = %v of four questions of two meanings", r.Diversity["vendi"])
	}
}

func TestDiversityBesideTheGoldSet(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	var gold []map[string]any
	for i, q := range []string{"who pays for railings?", "may I keep a dog?", "when is rubbish collected?", "how do I vent a radiator?"} {
		gold = append(gold, map[string]any{"chunk_text": fmt.Sprint(i), "persona_description": "p", "gold_question": q})
	}
	raw := enginetest.Must(json.Marshal(gold))(t)
	w.Write("gold_dataset.json", string(raw))
	var dull []api.QuestionToCheck
	for i := range 12 {
		dull = append(dull, api.QuestionToCheck{ChunkText: "c", Query: fmt.Sprintf("What does the rule say about matter %d?", i%3)})
	}
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: dull}))(t)
	beside, _ := r.Diversity["beside_gold"].(map[string]any)
	if beside["n"] != 4 || !enginetest.Warned(r.Warnings, "less diverse than the gold set: distinct_1") {
		t.Errorf("beside gold = %v, warnings = %v", beside, r.Warnings)
	}
}

func TestOtherLanguage(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
		{ChunkText: "The tenants have to clean the stairwell and must not leave anything in it.", Query: "Wer muss das Treppenhaus putzen und wann ist das?"},
	}}))(t)
	if r.OtherLanguage != 1 || r.Languages["de"] != 1 || len(r.Flagged) != 1 {
		t.Errorf("result = %+v", r)
	}
}

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
