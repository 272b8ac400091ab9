package suggest_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// What was picked shows what is wanted, from the fifth pick on and in steps of
// five, so that what was suggested ahead stays paid for.
func TestPicksAreExamples(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	p := api.AnnotateSuggestParams{ChunkText: "The heating thermostat is set by the tenant.", PersonaDescription: new("a tenant")}
	shown := func() string {
		enginetest.Must(w.AnnotateSuggest(t.Context(), p))(t)
		chats := w.LLM.Chats()
		return chats[len(chats)-1].Last()
	}
	w.WriteGoldQuestions("one?", "two?", "three?", "four?")
	if text := shown(); strings.Contains(text, "four?") {
		t.Errorf("four picks are shown already: %s", text)
	}
	w.WriteGoldQuestions("one?", "two?", "three?", "four?", "five?", "six?")
	if text := shown(); !strings.Contains(text, "five?") || !strings.Contains(text, "one?") || strings.Contains(text, "six?") {
		t.Errorf("the first five are not shown: %s", text)
	}
	before := w.LLM.Count()
	w.WriteGoldQuestions("one?", "two?", "three?", "four?", "five?", "six?", "seven?")
	enginetest.Must(w.AnnotateSuggest(t.Context(), p))(t)
	if w.LLM.Count() != before {
		t.Error("one more pick had everything asked again")
	}
	p.Like = "how warm may it be?"
	if text := shown(); !strings.Contains(text, "how warm may it be?") {
		t.Errorf("what others are to be like is not shown: %s", text)
	}
}
