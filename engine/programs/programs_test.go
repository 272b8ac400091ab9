package programs_test

import (
	"os"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestGenerateReloadsAChangedProgram(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(12)
	plain := enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t)
	enginetest.Compile(t, w, api.CompileParams{})
	compiled := enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t)
	if compiled.Program == nil || compiled.ProgramHash == plain.ProgramHash {
		t.Errorf("compiled = %+v", compiled)
	}
	p := enginetest.AboutChunk(1)
	p.Program = api.ProgramRef{Given: true} // null
	if r := enginetest.Must(w.Generate(t.Context(), p))(t); r.ProgramHash != plain.ProgramHash {
		t.Error("null is not the unoptimised program")
	}
	if err := os.Remove(w.Path("optimized_pipeline.json")); err != nil {
		t.Fatal(err)
	}
	if r := enginetest.Must(w.Generate(t.Context(), enginetest.AboutChunk(1)))(t); r.ProgramHash != plain.ProgramHash {
		t.Error("a removed program is still used")
	}
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
