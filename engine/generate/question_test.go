package generate_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func TestCandidatesAreDrawnUntilOnePasses(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	n := 0
	w.LLM.Handle(func(llmtest.Request) string {
		n++
		query := "What does this passage say?"
		if n >= 5 {
			query = "How high must balcony railings be?"
		}
		return "[[ ## query_type ## ]]\nt\n[[ ## query_format ## ]]\nf\n[[ ## query ## ]]\n" + query
	})
	p := enginetest.AboutChunk(2)
	p.Gates, p.Candidates = []string{"standalone"}, new(20)
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	if r.Query == nil || *r.Query != "How high must balcony railings be?" || r.Usage.Calls >= 40 {
		t.Errorf("result = %+v", r)
	}
}

// told answers with the question until it is told of a refusal, then with the
// other; every reply has all of the pipeline's fields.
func told(w *enginetest.World, question, other string) {
	w.LLM.Handle(func(r llmtest.Request) string {
		query := question
		if strings.Contains(r.Last(), "was refused") {
			query = other
		}
		return "[[ ## query_type ## ]]\nt\n[[ ## query_format ## ]]\nf\n[[ ## query ## ]]\n" + query
	})
}

func TestARefusedQuestionIsAskedAgainOnceWithTheReason(t *testing.T) {
	const leaning = "What does this passage say of railings?"
	tests := map[string]struct {
		other, query, reason string
		calls                int
	}{
		"mended":             {"How high must balcony railings be?", "How high must balcony railings be?", "", 3},
		"refused again":      {"What is said in the text above?", "", "standalone: ", 3},
		"cannot be read":     {"", "", "standalone: ", 5}, // the answer itself is asked for three times
		"the same once more": {leaning, "", "standalone: ", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := enginetest.New(t, enginetest.Setup{NoStore: true})
			told(w, leaning, tt.other)
			p := enginetest.AboutChunk(2)
			p.Gates = []string{"standalone"}
			r := enginetest.Must(w.Generate(t.Context(), p))(t)
			if tt.query != "" && (r.Query == nil || *r.Query != tt.query || r.RejectedReason != "") {
				t.Errorf("found %+v", r)
			}
			if tt.query == "" && (r.Query != nil || !strings.HasPrefix(r.RejectedReason, tt.reason)) {
				t.Errorf("found %+v", r)
			}
			chats := w.LLM.Chats()
			if len(chats) != tt.calls || r.Usage.Calls != tt.calls {
				t.Fatalf("%d calls, %d counted, expected %d", len(chats), r.Usage.Calls, tt.calls)
			}
			if last := chats[2].Last(); !strings.Contains(last, leaning) || !strings.Contains(last, `"this passage"`) {
				t.Errorf("neither what was refused nor why: %q", last)
			}
		})
	}
}

func TestAChunkThatAnswersNothingCostsNothing(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	p := enginetest.AboutChunk(2)
	p.ChunkText = "1 Leave ....... 3\n2 Travel ...... 7\n3 Parking ..... 9\n4 Badges ...... 11\n"
	p.Gates = []string{"answerable"}
	r := enginetest.Must(w.Generate(t.Context(), p))(t)
	if r.Query != nil || !strings.Contains(r.RejectedReason, "answerable: nothing was asked: ") || w.LLM.Count() != 0 {
		t.Errorf("%d calls, found %+v", w.LLM.Count(), r)
	}
	p.Gates = nil
	if r := enginetest.Must(w.Generate(t.Context(), p))(t); r.Query == nil {
		t.Errorf("without the gate: found %+v", r)
	}
}
