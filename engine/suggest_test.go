package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
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

// A question that was picked for another chunk is no suggestion, nor is a marker.
func TestSuggestionsThatAreNone(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGoldQuestions("How warm may it be?", "b?", "c?", "d?", "e?")
	calls := 0
	w.LLM.Handle(func(llmtest.Request) string {
		calls++
		if calls > 1 {
			return fmt.Sprintf("[[ ## question_1 ## ]]\nWhat is matter %d about?\n[[ ## question_2 ## ]]\nWho pays for matter %d and when?\n", calls, calls)
		}
		return "[[ ## question_1 ## ]]\nhow warm may it be\n[[ ## question_2 ## ]]\n[## question_2 ## ]\n[[ ## question_3 ## ]]\nIs the thermostat mine?\n"
	})
	r := enginetest.Must(w.AnnotateSuggest(t.Context(), api.AnnotateSuggestParams{ChunkText: "c", PersonaDescription: new("p"), Count: new(3)}))(t)
	for _, s := range r.Suggestions {
		if strings.Contains(strings.ToLower(s.Question), "how warm") || strings.Contains(s.Question, "##") {
			t.Errorf("suggested %q", s.Question)
		}
	}
}

// For a person some suggestions are better than none; for a program the count is
// a promise.
func TestSomeSuggestions(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.LLM.Handle(func(r llmtest.Request) string {
		return "[[ ## question_1 ## ]]\nIs the thermostat mine?\n[[ ## question_2 ## ]]\nIs the thermostat mine?\n[[ ## question_3 ## ]]\nIs the thermostat mine?\n"
	})
	p := api.AnnotateSuggestParams{ChunkText: "c", PersonaDescription: new("p"), Count: new(3)}
	if r := enginetest.Must(w.SuggestSome(t.Context(), p))(t); len(r.Suggestions) != 1 {
		t.Errorf("suggestions = %+v", r.Suggestions)
	}
	_, err := w.AnnotateSuggest(t.Context(), p)
	enginetest.As[*api.ReplyError](t, err)
}

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
