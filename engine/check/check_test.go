package check_test

import (
	"testing"

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

func TestOtherLanguage(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	r := enginetest.Must(w.CheckQuestions(t.Context(), api.CheckQuestionsParams{Questions: []api.QuestionToCheck{
		{ChunkText: "The tenants have to clean the stairwell and must not leave anything in it.", Query: "Wer muss das Treppenhaus putzen und wann ist das?"},
	}}))(t)
	if r.OtherLanguage != 1 || r.Languages["de"] != 1 || len(r.Flagged) != 1 {
		t.Errorf("result = %+v", r)
	}
}
