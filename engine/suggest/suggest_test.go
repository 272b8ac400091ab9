package suggest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func suggest(w *enginetest.World, p api.AnnotateSuggestParams) (*api.AnnotateSuggestResult, error) {
	p.ChunkText = enginetest.AboutHeating + " Radiators below the windows warm bathrooms, kitchens and corridors during winter mornings."
	p.PersonaDescription = new("a tenant")
	return w.AnnotateSuggest(w.T.Context(), p)
}

func TestSuggestionsAreDifferentAndCounted(t *testing.T) {
	for _, layout := range []string{"auto", "json"} {
		w := enginetest.New(t, enginetest.Setup{NoStore: true})
		w.Engine.Config().LM.Task.Layout = layout
		r := enginetest.Must(suggest(w, api.AnnotateSuggestParams{Count: new(5)}))(t)
		if len(r.Suggestions) != 5 || *r.PersonaDescription != "a tenant" || r.Usage.Calls < 1 {
			t.Fatalf("%s: result = %+v", layout, r)
		}
		seen := map[string]bool{}
		for _, s := range r.Suggestions {
			if s.Question == "" || s.QueryType == "" || s.Warnings == nil || seen[s.Question] {
				t.Errorf("%s: suggestion = %+v", layout, s)
			}
			seen[s.Question] = true
		}
		avoid := []string{r.Suggestions[0].Question, r.Suggestions[1].Question}
		more := enginetest.Must(suggest(w, api.AnnotateSuggestParams{Count: new(3), Avoid: avoid}))(t)
		for _, s := range more.Suggestions {
			if s.Question == avoid[0] || s.Question == avoid[1] {
				t.Errorf("%s: %q was to be avoided", layout, s.Question)
			}
		}
	}
}

// What equals another, and a kind in place of a question, is asked for again.
func TestSuggestionsAreAskedForAgain(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true, TOML: "[program]\nquery_types = [\"factual\", \"how-to\"]\n"})
	n := 0
	questions := []string{"What is lime?", "what is lime", "How-to.", "Who paints boats in autumn?", "Where do owls sleep at noon?", "When was the bridge opened for lorries?"}
	var mu sync.Mutex
	w.LLM.Handle(func(r llmtest.Request) string {
		mu.Lock()
		defer mu.Unlock()
		var b strings.Builder
		for i := 1; strings.Contains(r.System(), "question_"+string(rune('0'+i))); i++ {
			b.WriteString("[[ ## question_" + string(rune('0'+i)) + " ## ]]\n" + questions[n%len(questions)] + "\n")
			b.WriteString("[[ ## query_type_" + string(rune('0'+i)) + " ## ]]\nfactual\n")
			n++
		}
		return b.String() + "[[ ## completed ## ]]"
	})
	r := enginetest.Must(suggest(w, api.AnnotateSuggestParams{Count: new(4)}))(t)
	if len(r.Suggestions) != 4 || len(w.LLM.Chats()) != 2 {
		t.Errorf("%d suggestions after %d calls: %+v", len(r.Suggestions), len(w.LLM.Chats()), r.Suggestions)
	}
	w.LLM.Handle(func(llmtest.Request) string {
		return "[[ ## question_1 ## ]]\nWhat is lime?\n[[ ## query_type_1 ## ]]\nfactual"
	})
	_, err := suggest(w, api.AnnotateSuggestParams{Count: new(3)})
	enginetest.As[*api.ReplyError](t, err)
	_, err = suggest(w, api.AnnotateSuggestParams{Count: new(9)})
	enginetest.As[*api.ParamError](t, err)
}

// A model that only varies a word gives near duplicates: they come with a
// warning rather than not at all, after one further try.
func TestNearDuplicatesAreBetterThanNoSuggestions(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.LLM.Handle(func(llmtest.Request) string {
		var b strings.Builder
		for _, i := range []string{"1", "2", "3", "4"} {
			b.WriteString("[[ ## question_" + i + " ## ]]\nWhat warms the kitchens, bathrooms and corridors in winter, number " + i + "?\n")
		}
		return b.String()
	})
	r := enginetest.Must(suggest(w, api.AnnotateSuggestParams{Count: new(4)}))(t)
	seen, warned := map[string]bool{}, 0
	for _, s := range r.Suggestions {
		seen[s.Question] = true
		if slices.ContainsFunc(s.Warnings, func(w string) bool { return strings.HasPrefix(w, "duplicate: ") }) {
			warned++
		}
	}
	if len(seen) != 4 || warned != 3 || len(w.LLM.Chats()) > 3 {
		t.Errorf("%d different ones, %d warned about, after %d calls", len(seen), warned, len(w.LLM.Chats()))
	}
}

// One at a time, each is asked for as another kind, so that even a model that
// always says the same to the same does not repeat itself.
func TestSuggestionsOneByOneAskForKinds(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.Engine.Config().LM.Task.MaxTokens = 120
	w.LLM.Handle(func(r llmtest.Request) string {
		return "[[ ## question_1 ## ]]\n" + map[bool]string{true: "Why do radiators hang below windows?", false: "Which rooms are warm on winter mornings?"}[strings.Contains(r.Last(), "why")]
	})
	_, err := suggest(w, api.AnnotateSuggestParams{Count: new(3)})
	enginetest.As[*api.ReplyError](t, err) // two different answers are not three
	kinds := map[string]bool{}
	for _, chat := range w.LLM.Chats() {
		_, kind, _ := strings.Cut(chat.Last(), "[[ ## kind_of_question ## ]]\n")
		kind, _, _ = strings.Cut(kind, "\n")
		kinds[kind] = true
	}
	if len(kinds) < 4 {
		t.Errorf("kinds asked for: %v", kinds)
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
