package generate_test

import (
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

// Otherwise the next question of the chunk would be the same one; the journal
// keeps it for the next call.
func TestARefusedQuestionIsAvoidedByTheNext(t *testing.T) {
	const leaning = "What does this passage say?"
	for _, resumed := range []bool{false, true} {
		w := enginetest.New(t, enginetest.Setup{})
		enginetest.Script(w, leaning)
		p := api.GenerateAllParams{Gates: []string{"standalone"}, Limit: new(1)}
		if resumed {
			enginetest.GenerateAll(t, w, p)
		}
		p.PerChunk = new(2)
		if r := enginetest.GenerateAll(t, w, p); r.Rejected+r.Skipped != 2 {
			t.Fatalf("found %+v", r)
		}
		avoided := 0
		for _, chat := range w.LLM.Chats() {
			if strings.Contains(chat.Last(), "Already asked about this text, so ask for something else: «"+leaning) {
				avoided++
			}
		}
		if avoided != 3 { // analyzer, generator, generator again
			t.Errorf("resumed %t: %d requests say what was asked, expected 3", resumed, avoided)
		}
	}
}

func TestTypesAndFormatsOfAChunkDiffer(t *testing.T) {
	lists := "[program]\nquery_types = [\"fact\", \"reason\", \"method\"]\nquery_formats = [\"question\", \"keywords\", \"scenario\"]\n"
	for _, stubborn := range []bool{false, true} {
		for name, toml := range map[string]string{"lists": lists, "lists and a mix": lists + "[quality.type_mix]\nfact = 1\nreason = 1\nmethod = 1\n"} {
			w := enginetest.New(t, enginetest.Setup{TOML: toml})
			if stubborn { // a model that does not listen
				w.LLM.Handle(func(r llmtest.Request) string {
					if strings.Contains(r.Last(), "[[ ## query_type ## ]]\n") {
						return fmt.Sprintf("[[ ## query ## ]]\nWhat number %d?\n\n[[ ## completed ## ]]", r.N)
					}
					return "[[ ## query_type ## ]]\nfact\n\n[[ ## query_format ## ]]\nkeywords\n\n[[ ## completed ## ]]"
				})
			}
			enginetest.GenerateAll(t, w, api.GenerateAllParams{PerChunk: new(3)})
			seen := map[string]bool{}
			for _, line := range w.Lines("out.jsonl") {
				for _, key := range []string{"query_type", "query_format"} {
					if mark := fmt.Sprint(line["chunk_id"], key, line[key]); seen[mark] {
						t.Errorf("%s, stubborn %t: chunk %v has %s %v twice", name, stubborn, line["chunk_id"], key, line[key])
					} else {
						seen[mark] = true
					}
				}
			}
		}
	}
}

// Free types are told to differ; also after a call that ended in between.
func TestTakenTypesAreTold(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(1)})
	first := w.Lines("out.jsonl")[0]
	before := len(w.LLM.Chats())
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(1), PerChunk: new(2)})
	told := fmt.Sprintf("Questions of these types and formats are asked of this text already: «%v, %v». Choose another type and another format.", first["query_type"], first["query_format"])
	if asked := w.LLM.Chats()[before:]; len(asked) == 0 || !strings.Contains(asked[0].Last(), told) {
		t.Errorf("not told %q", told)
	}
}
