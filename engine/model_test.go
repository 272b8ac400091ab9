package engine_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func TestLMComplete(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	r := enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "What is 2+2?"}))(t)
	if r.Text != "4" || r.Endpoint != "a" || r.Usage.Calls != 1 {
		t.Errorf("result = %+v", r)
	}
	again := enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "What is 2+2?"}))(t)
	if again.Usage.Calls != 0 || again.Usage.Cached != 1 {
		t.Errorf("usage = %+v, want one cached", again.Usage)
	}
	fresh := enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "What is 2+2?", Call: api.Call{Fresh: true}}))(t)
	if fresh.Usage.Calls != 1 {
		t.Errorf("usage = %+v, want one sent", fresh.Usage)
	}
	enginetest.Must(w.LMComplete(t.Context(), api.LMCompleteParams{Role: "judge", Messages: []dispatcher.Message{{Role: "user", Content: "x"}}, MaxTokens: new(7)}))(t)
	chats := w.LLM.Chats()
	last := chats[len(chats)-1]
	if last.Model != "judge-model" || *last.Temperature != 0 || last.MaxTokens != 7 {
		t.Errorf("the judge was asked with %s, %v, %d", last.Model, *last.Temperature, last.MaxTokens)
	}
}

func TestLMCompleteFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	for param, p := range map[string]api.LMCompleteParams{
		"prompt":           {},
		"role":             {Prompt: "x", Role: "poet"},
		"max_tokens":       {Prompt: "x", MaxTokens: new(0)},
		"temperature":      {Prompt: "x", Temperature: new(3.0)},
		"timeout_s":        {Prompt: "x", Call: api.Call{TimeoutS: new(0.0)}},
		"messages[0].role": {Messages: []dispatcher.Message{{Role: "poet"}}},
	} {
		_, err := w.LMComplete(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != param {
			t.Errorf("param = %s, want %s", e.Param, param)
		}
	}
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return llmtest.HTTP(401) })
	_, err := w.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "x"})
	enginetest.As[*dispatcher.NoEndpointError](t, err)
}

func TestHostCompleteServesEverything(t *testing.T) {
	host := engine.Host{Complete: func(_ context.Context, req dispatcher.Request, _ string) (dispatcher.HostReply, error) {
		return dispatcher.HostReply{Text: "from the host: " + req.Role}, nil
	}}
	w := enginetest.New(t, enginetest.Setup{NoStore: true, Host: host, TOML: ""})
	w.Write("bare.toml", "")
	bare := newBare(t, w, host)
	r := enginetest.Must(bare.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "x"}))(t)
	if r.Text != "from the host: task" || r.Endpoint != "host" {
		t.Errorf("result = %+v", r)
	}
	none := newBare(t, w, engine.Host{})
	_, err := none.LMComplete(t.Context(), api.LMCompleteParams{Prompt: "x"})
	enginetest.As[*api.ParamError](t, err)
}

func TestPrompts(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true, TOML: "[program]\ngenerator_instructions = \"Ask plainly.\"\n"})
	r := enginetest.Must(w.Prompts(t.Context(), api.PromptsParams{}))(t)
	if len(r.Predictors) != 2 || r.Predictors[0].Name != "analyzer" || r.Predictors[1].Name != "generator" || r.Program != nil || r.ProgramHash == "" {
		t.Fatalf("result = %+v", r)
	}
	var text strings.Builder
	for _, m := range r.Predictors[1].Messages {
		text.WriteString(m.Content)
	}
	for _, want := range []string{"Ask plainly.", "{chunk_text}", "{persona_description}", "[[ ## query_type ## ]]"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the generator's prompt lacks %q:\n%s", want, text.String())
		}
	}
	_, err := w.Prompts(t.Context(), api.PromptsParams{Program: api.ProgramRef{Given: true, Path: w.Path("gone.json")}})
	enginetest.As[*api.FileError](t, err)
	w.Write("optimized_pipeline.json", `{"analyzer": {}}`)
	_, err = w.Prompts(t.Context(), api.PromptsParams{})
	if e := enginetest.As[*api.FileError](t, err); e.Path != w.Path("optimized_pipeline.json") {
		t.Errorf("err = %v", e)
	}
}

// What is shown is what goes out, in every layout.
func TestPromptsAreWhatIsSent(t *testing.T) {
	for _, layout := range []string{"auto", "markers", "json"} {
		w := enginetest.New(t, enginetest.Setup{NoStore: true})
		w.Engine.Config().LM.Task.Layout = layout
		enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t)
		shown := enginetest.Must(w.Prompts(t.Context(), api.PromptsParams{}))(t).Predictors[0].Messages
		sent := w.LLM.Chats()[0]
		p := enginetest.AboutChunk(1)
		want := strings.NewReplacer("{chunk_text}", p.ChunkText, "{persona_description}", *p.PersonaDescription).Replace(shown[len(shown)-1].Content)
		if sent.System() != shown[0].Content || sent.Last() != want {
			t.Errorf("%s:\nshown %q\nsent  %q", layout, want, sent.Last())
		}
	}
}

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
