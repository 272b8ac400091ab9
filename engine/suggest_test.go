package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/llmtest"
)

// gold writes these questions as the gold set, each of a chunk of its own.
func (w *world) gold(questions ...string) {
	w.t.Helper()
	var entries []map[string]any
	for i, q := range questions {
		entries = append(entries, map[string]any{"chunk_text": fmt.Sprint("chunk ", i), "persona_description": "p", "gold_question": q})
	}
	raw, err := json.Marshal(entries)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("gold_dataset.json", string(raw))
}

// What was picked shows what is wanted, from the fifth pick on and in steps of
// five, so that what was suggested ahead stays paid for.
func TestPicksAreExamples(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	p := api.AnnotateSuggestParams{ChunkText: "The heating thermostat is set by the tenant.", PersonaDescription: ptr("a tenant")}
	shown := func() string {
		must(w.AnnotateSuggest(ctx, p))(t)
		chats := w.llm.Chats()
		return chats[len(chats)-1].Last()
	}
	w.gold("one?", "two?", "three?", "four?")
	if text := shown(); strings.Contains(text, "four?") {
		t.Errorf("four picks are shown already: %s", text)
	}
	w.gold("one?", "two?", "three?", "four?", "five?", "six?")
	if text := shown(); !strings.Contains(text, "five?") || !strings.Contains(text, "one?") || strings.Contains(text, "six?") {
		t.Errorf("the first five are not shown: %s", text)
	}
	before := w.llm.Count()
	w.gold("one?", "two?", "three?", "four?", "five?", "six?", "seven?")
	must(w.AnnotateSuggest(ctx, p))(t)
	if w.llm.Count() != before {
		t.Error("one more pick had everything asked again")
	}
	p.Like = "how warm may it be?"
	if text := shown(); !strings.Contains(text, "how warm may it be?") {
		t.Errorf("what others are to be like is not shown: %s", text)
	}
}

// A question that was picked for another chunk is no suggestion, nor is a marker.
func TestSuggestionsThatAreNone(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	w.gold("How warm may it be?", "b?", "c?", "d?", "e?")
	calls := 0
	w.llm.Handle(func(llmtest.Request) string {
		calls++
		if calls > 1 {
			return fmt.Sprintf("[[ ## question_1 ## ]]\nWhat is matter %d about?\n[[ ## question_2 ## ]]\nWho pays for matter %d and when?\n", calls, calls)
		}
		return "[[ ## question_1 ## ]]\nhow warm may it be\n[[ ## question_2 ## ]]\n[## question_2 ## ]\n[[ ## question_3 ## ]]\nIs the thermostat mine?\n"
	})
	r := must(w.AnnotateSuggest(ctx, api.AnnotateSuggestParams{ChunkText: "c", PersonaDescription: ptr("p"), Count: ptr(3)}))(t)
	for _, s := range r.Suggestions {
		if strings.Contains(strings.ToLower(s.Question), "how warm") || strings.Contains(s.Question, "##") {
			t.Errorf("suggested %q", s.Question)
		}
	}
}

// For a person some suggestions are better than none; for a program the count is
// a promise.
func TestSomeSuggestions(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	w.llm.Handle(func(r llmtest.Request) string {
		return "[[ ## question_1 ## ]]\nIs the thermostat mine?\n[[ ## question_2 ## ]]\nIs the thermostat mine?\n[[ ## question_3 ## ]]\nIs the thermostat mine?\n"
	})
	p := api.AnnotateSuggestParams{ChunkText: "c", PersonaDescription: ptr("p"), Count: ptr(3)}
	if r := must(w.SuggestSome(ctx, p))(t); len(r.Suggestions) != 1 {
		t.Errorf("suggestions = %+v", r.Suggestions)
	}
	_, err := w.AnnotateSuggest(ctx, p)
	as[*api.ReplyError](t, err)
}

// A suggestion that does not find its chunk says so; without a store there is a
// notice instead, and no error.
func TestSuggestionsAreSearchedWith(t *testing.T) {
	w := numberedChunks(t, setup{})
	w.llm.Handle(func(llmtest.Request) string {
		return "[[ ## question_1 ## ]]\n39 is what?\n[[ ## question_2 ## ]]\n7 may be asked by whom?\n[[ ## question_3 ## ]]\n39 costs how much in May?\n"
	})
	p := api.AnnotateSuggestParams{ChunkText: "39 is what this text is about.", ChunkID: api.NewChunkID(40), PersonaDescription: ptr("p"), Count: ptr(3)}
	r := must(w.AnnotateSuggest(ctx, p))(t)
	for i, lost := range []bool{false, true, false} {
		if got := warned(r.Suggestions[i].Warnings, "round-trip"); got != lost {
			t.Errorf("%q: warnings %v", r.Suggestions[i].Question, r.Suggestions[i].Warnings)
		}
	}
	if notice := w.StoreNotice(ctx); notice != "" {
		t.Errorf("notice %q", notice)
	}
	beside := newWorld(t, setup{dir: w.dir, noEmbed: true, host: engine.Host{Embed: hostEmbed}})
	if notice := beside.StoreNotice(ctx); !strings.Contains(notice, "the store is in use") {
		t.Errorf("beside a holder: %q", notice)
	}
	bare := newWorld(t, setup{noStore: true})
	if notice := bare.StoreNotice(ctx); !strings.Contains(notice, "needs [store]") {
		t.Errorf("without a store: %q", notice)
	}
}

func TestPersonasToChooseFrom(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	w.write("personas.json", `[{"name": "Ann", "description": "asks about bicycle storage"}, {"name": "Bob", "description": "asks about the heating thermostat"}]`)
	list := must(w.Personas(ctx, api.ChoosePersonaParams{ChunkText: chunkAboutHeating}))(t)
	if len(list) != 2 || list[0].Name != "Bob" || *list[0].Score <= *list[1].Score {
		t.Errorf("personas = %+v", list)
	}
}

func TestRewording(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	w.write("gold_dataset.json", `[{"chunk_text": "c", "reviewer": "ann", "persona_description": "p", "gold_question": "Old?"}]`)
	where := api.GoldRemoveParams{ChunkText: "c", GoldQuestion: "Old?"}
	if err := w.GoldReword(ctx, where, "New?"); err != nil {
		t.Fatal(err)
	}
	if got := w.read("gold_dataset.json"); !strings.Contains(got, `"New?"`) || !strings.Contains(got, `"reviewer": "ann"`) || strings.Contains(got, "Old?") {
		t.Error(got)
	}
	as[*api.FileError](t, w.GoldReword(ctx, where, "Newer?"))
	as[*api.ParamError](t, w.GoldReword(ctx, where, " "))
}

// The gold set is read once while its file is the same, and anew when it is not.
func TestAGoldSetChangedByHandIsSeen(t *testing.T) {
	w := newWorld(t, setup{noStore: true})
	add := func(q string) int {
		return must(w.GoldAdd(ctx, api.GoldAddParams{ChunkText: q, PersonaDescription: "p", GoldQuestion: q}))(t).Count
	}
	add("a?")
	add("b?")
	w.gold("by hand?")
	if n := add("c?"); n != 2 {
		t.Errorf("%d entries, want the one by hand and one more", n)
	}
	if got := w.read("gold_dataset.json"); !strings.Contains(got, "by hand?") || strings.Contains(got, "a?\"") {
		t.Error(got)
	}
}
