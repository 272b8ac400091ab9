package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

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
