package suggest_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

// A suggestion that does not find its chunk says so; without a store there is a
// notice instead, and no error.
func TestSuggestionsAreSearchedWith(t *testing.T) {
	w := enginetest.NewNumbered(t, enginetest.Setup{})
	w.LLM.Handle(func(llmtest.Request) string {
		return "[[ ## question_1 ## ]]\n39 is what?\n[[ ## question_2 ## ]]\n7 may be asked by whom?\n[[ ## question_3 ## ]]\n39 costs how much in May?\n"
	})
	p := api.AnnotateSuggestParams{ChunkText: "39 is what this text is about.", ChunkID: api.NewChunkID(40), PersonaDescription: new("p"), Count: new(3)}
	r := enginetest.Must(w.AnnotateSuggest(t.Context(), p))(t)
	for i, lost := range []bool{false, true, false} {
		if got := enginetest.Warned(r.Suggestions[i].Warnings, "round-trip"); got != lost {
			t.Errorf("%q: warnings %v", r.Suggestions[i].Question, r.Suggestions[i].Warnings)
		}
	}
	if notice := w.StoreNotice(t.Context()); notice != "" {
		t.Errorf("notice %q", notice)
	}
	beside := enginetest.New(t, enginetest.Setup{Dir: w.Dir, NoEmbed: true, Host: engine.Host{Embed: enginetest.HostEmbed}})
	if notice := beside.StoreNotice(t.Context()); !strings.Contains(notice, "the store is in use") {
		t.Errorf("beside a holder: %q", notice)
	}
	bare := enginetest.New(t, enginetest.Setup{NoStore: true})
	if notice := bare.StoreNotice(t.Context()); !strings.Contains(notice, "needs [store]") {
		t.Errorf("without a store: %q", notice)
	}
}
