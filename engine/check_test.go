package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
)

func TestCheckQuestions(t *testing.T) {
	w := newWorld(t, setup{})
	chunk := eightChunks()
	questions := []api.QuestionToCheck{
		{ChunkText: chunk[1]["text"].(string), ChunkID: api.NewChunkID(2), Query: "What are the practical details of balcony railings for tenants?"},
		{ChunkText: chunk[1]["text"].(string), ChunkID: api.NewChunkID(2), Query: "What are the practical details of balcony railings for tenants?"},
		{ChunkText: chunk[2]["text"].(string), Query: "What does this passage say?"},
		{ChunkText: chunk[3]["text"].(string), ChunkID: api.NewChunkID(4), Query: chunk[3]["text"].(string)},
	}
	r := must(w.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: questions}))(t)
	if r.N != 4 || r.Duplicates != 1 || r.Leaks != 1 || r.NotStandalone != 1 || len(r.Languages) == 0 || len(r.Diversity) == 0 {
		t.Errorf("result = %+v", r)
	}
	if r.RoundTrip == nil || r.RoundTrip.At10 != 1 || r.RoundTrip.At1 > 1 || r.RoundTrip.MRR <= 0 || !warned(r.Warnings, "1 questions without a chunk_id") {
		t.Errorf("round trip = %+v, warnings = %v", r.RoundTrip, r.Warnings)
	}
	if len(r.Flagged) != 3 || r.Flagged[0].Index != 1 {
		t.Errorf("flagged = %+v", r.Flagged)
	}
	none := newWorld(t, setup{noStore: true, noEmbed: true})
	r = must(none.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: questions}))(t)
	if r.RoundTrip != nil || !warned(r.Warnings, "round_trip was not measured") {
		t.Errorf("result = %+v", r)
	}
	held := newWorld(t, setup{})
	must(held.Open(ctx))(t)
	beside := newWorld(t, setup{dir: held.dir})
	r = must(beside.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: questions}))(t)
	if r.RoundTrip != nil || r.Leaks != 1 || !warned(r.Warnings, "locked") {
		t.Errorf("beside a holder: %+v", r)
	}
	generateAll(t, w, api.GenerateAllParams{Save: true})
	r = must(w.CheckQuestions(ctx, api.CheckQuestionsParams{}))(t)
	if r.N != 8 || r.RoundTrip == nil {
		t.Errorf("of the saved questions: %+v", r)
	}
}

// byNumber embeds "3 …" as the third axis, and "3~ …" near it.
func byNumber(text string) []float32 {
	v := make([]float32, 64)
	var axis int
	fmt.Sscanf(text, "%d", &axis)
	v[axis] = 1
	if strings.Contains(text, "~") {
		v[63] = 0.1
	}
	return v
}

// numberedChunks is a store of chunks "0 …" to "39 …" and "4~ …", a near twin of
// the fourth, as point 41.
func numberedChunks(t *testing.T, more setup) *world {
	for i := range 40 {
		more.chunks = append(more.chunks, map[string]any{"text": fmt.Sprintf("%d is what this text is about.", i)})
	}
	more.chunks = append(more.chunks, map[string]any{"text": "4~ is what this one is about."})
	more.noEmbed, more.embed = true, byNumber
	more.host.Embed = func(_ context.Context, texts []string, _ string) ([][]float32, error) {
		out := make([][]float32, len(texts))
		for i, text := range texts {
			out[i] = byNumber(text)
		}
		return out, nil
	}
	return newWorld(t, more)
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
	w := numberedChunks(t, setup{})
	r := must(w.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: questions}))(t)
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
	strict := numberedChunks(t, setup{toml: "[quality]\ntwin_cosine = 1\n"})
	if r = must(strict.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: questions}))(t); r.RoundTrip.At1 != 1.0/3 || r.RoundTrip.MRR != 0.5 {
		t.Errorf("without twins %+v", r.RoundTrip)
	}
	// The gate holds to the same.
	p := about(1)
	p.ChunkID, p.Gates = api.NewChunkID(40), []string{"round-trip"}
	if g := must(w.Generate(ctx, p))(t); g.RejectedReason == "" {
		t.Errorf("generate = %+v", g)
	}
}

// One of a chunk's questions that finds it is enough.
func TestDarkChunks(t *testing.T) {
	w := numberedChunks(t, setup{})
	r := must(w.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
		toCheck(39, "1 a?"), toCheck(40, "2 b?"), toCheck(39, "38 c?"), toCheck(40, "3 d?"),
	}}))(t)
	if diff := cmp.Diff([]any{uint64(40)}, r.DarkChunks); diff != "" {
		t.Error(diff)
	}
}

func TestDuplicatesByMeaning(t *testing.T) {
	w := numberedChunks(t, setup{})
	r := must(w.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
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
	w := newWorld(t, setup{noStore: true})
	var gold []map[string]any
	for i, q := range []string{"who pays for railings?", "may I keep a dog?", "when is rubbish collected?", "how do I vent a radiator?"} {
		gold = append(gold, map[string]any{"chunk_text": fmt.Sprint(i), "persona_description": "p", "gold_question": q})
	}
	raw := must(json.Marshal(gold))(t)
	w.write("gold_dataset.json", string(raw))
	var dull []api.QuestionToCheck
	for i := range 12 {
		dull = append(dull, api.QuestionToCheck{ChunkText: "c", Query: fmt.Sprintf("What does the rule say about matter %d?", i%3)})
	}
	r := must(w.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: dull}))(t)
	beside, _ := r.Diversity["beside_gold"].(map[string]any)
	if beside["n"] != 4 || !warned(r.Warnings, "less diverse than the gold set: distinct_1") {
		t.Errorf("beside gold = %v, warnings = %v", beside, r.Warnings)
	}
}

func TestOtherLanguage(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	r := must(w.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
		{ChunkText: "The tenants have to clean the stairwell and must not leave anything in it.", Query: "Wer muss das Treppenhaus putzen und wann ist das?"},
	}}))(t)
	if r.OtherLanguage != 1 || r.Languages["de"] != 1 || len(r.Flagged) != 1 {
		t.Errorf("result = %+v", r)
	}
}

func TestReportOfAQuestionSet(t *testing.T) {
	w := numberedChunks(t, setup{})
	evil := "<script>alert(1)</script> 3 \u202e?"
	r := must(w.CheckQuestions(ctx, api.CheckQuestionsParams{Report: w.path("set.html"), Questions: []api.QuestionToCheck{
		toCheck(4, "3 who pays for it?"), toCheck(40, evil), toCheck(40, "What does the passage say?"),
	}}))(t)
	page := w.read("set.html")
	for _, want := range []string{"Dark chunks", "among the first 10", "not found", "leans on its text", "data-kinds=\"standalone", "3 who pays for it?"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "\u202e") || r.Report != w.path("set.html") {
		t.Error("hostile text is more than text")
	}
	var full struct {
		Dark      []string `json:"dark_chunks"`
		Questions []struct{ Query string }
	}
	if err := json.Unmarshal([]byte(w.read("set.json")), &full); err != nil || len(full.Questions) != 3 || full.Questions[1].Query != evil || len(full.Dark) != 1 {
		t.Errorf("json: %+v, %v", full, err)
	}
	if text := w.read("set.md"); !strings.Contains(text, "| standalone:") || strings.Contains(text, "<script>") {
		t.Errorf("markdown: %s", text)
	}
	_, err := w.CheckQuestions(ctx, api.CheckQuestionsParams{Report: w.path("set.json")})
	as[*api.FileError](t, err)
	if _, err := os.Stat(w.path("none/set.html")); err == nil {
		t.Error("a folder was made before anything was checked")
	}
}
