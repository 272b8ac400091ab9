package files_test

import (
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// A file with bytes that no host could read is -32013 with the line, whoever
// reads it.
func TestFilesThatNoHostCouldReadAreNamedByTheLine(t *testing.T) {
	faults := map[string]struct{ text, says string }{
		"Latin-1":         {"\"caf\xe9\"", "0xE9, which is not UTF-8"},
		"too deep":        {strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "nested deeper than"},
		"too many digits": {strings.Repeat("7", 5000), "digits"},
	}
	gold := "[\n{\"chunk_text\": \"c\", \"persona_description\": \"p\", \"gold_question\": \"q?\",\n \"note\": %s}\n]"
	lines := "{\"chunk_text\": \"c\", \"query\": \"q?\"}\n\n{\"chunk_text\": \"c\", \"query\": \"q?\", \"note\": %s}\n"
	for name, read := range map[string]struct {
		file, text string
		line       int
		by         func(w *enginetest.World) error
	}{
		"gold-sample": {"gold_dataset.json", gold, 3, func(w *enginetest.World) error {
			_, err := w.GoldSample(t.Context(), api.GoldSampleParams{})
			return err
		}},
		"gold-add": {"gold_dataset.json", gold, 3, func(w *enginetest.World) error {
			_, err := w.GoldAdd(t.Context(), api.GoldAddParams{ChunkText: "a", GoldQuestion: "b?"})
			return err
		}},
		"compile": {"gold_dataset.json", gold, 3, func(w *enginetest.World) error {
			_, err := w.Compile(t.Context(), api.CompileParams{})
			return err
		}},
		"evaluate": {"gold_dataset.json", gold, 3, func(w *enginetest.World) error {
			_, err := w.Evaluate(t.Context(), api.EvaluateParams{})
			return err
		}},
		"a baseline of questions": {"base.jsonl", lines, 3, func(w *enginetest.World) error {
			w.WriteGold(4)
			_, err := w.Evaluate(t.Context(), api.EvaluateParams{Split: "all", Baseline: api.ProgramRef{Given: true, Path: w.Path("base.jsonl")}})
			return err
		}},
		"personas": {"personas.json", "[\n {\"name\": \"a\", \"description\": \"b\",\n\"c\": %s}]", 3, func(w *enginetest.World) error {
			_, err := w.ChoosePersona(t.Context(), api.ChoosePersonaParams{ChunkText: "a"})
			return err
		}},
		"the program": {"optimized_pipeline.json", "{\"analyzer\": {},\n\"generator\": %s}", 2, func(w *enginetest.World) error {
			_, err := w.Prompts(t.Context(), api.PromptsParams{})
			return err
		}},
		"scores": {"judge_scores.jsonl", "\n{\"id\": \"x\", \"score\": 3, \"by\": %s}\n", 2, func(w *enginetest.World) error {
			_, err := w.Scores()
			return err
		}},
	} {
		for fault, f := range faults {
			w := enginetest.New(t, enginetest.Setup{TOML: "[personas]\npath = \"personas.json\"\n"})
			w.Write(read.file, fmt.Sprintf(read.text, f.text))
			e := enginetest.As[*api.FileError](t, read.by(w))
			if e.Path != w.Path(read.file) || e.Line != read.line || !strings.Contains(e.Reason, f.says) {
				t.Errorf("%s, %s: %v", name, fault, e)
			}
		}
	}
}
