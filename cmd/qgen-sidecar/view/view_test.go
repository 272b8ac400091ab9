package view_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/cmd/qgen-sidecar/view"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/program"
	"qgen-sidecar/qdrantlock"
)

var update = flag.Bool("update", false, "write the golden files")

func written(columns int, on func(*view.Page)) string {
	p := view.NewPage(columns)
	on(p)
	return p.String()
}

// Each view of a usual result is the golden text: testdata/NAME.txt.
func TestViews(t *testing.T) {
	for name, on := range samples {
		path := filepath.Join("testdata", name+".txt")
		got := written(100, on)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func tooWide(text string, columns int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if lipgloss.Width(strings.TrimRight(line, "\n")) > columns {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestViewsFitTheTerminal(t *testing.T) {
	for name, on := range samples {
		for _, columns := range []int{200, 100, 80, 60} {
			if wide := tooWide(written(columns, on), min(columns, 100)); len(wide) > 0 {
				t.Errorf("%s at %d columns: %q", name, columns, wide)
			}
		}
	}
}

// shape renders a value that fill made.
type shape struct {
	value any // a pointer to what is filled
	on    func(*view.Page)
}

func of[R any](on func(*view.Page, R)) func() shape {
	return func() shape {
		v := new(R)
		return shape{v, func(p *view.Page) { on(p, *v) }}
	}
}

// shapes are all views, for results of any kind.
var shapes = map[string]func() shape{
	"Evaluation": of(view.Evaluation), "Comparison": of(view.Comparison), "CheckedQuestions": of(view.CheckedQuestions),
	"Compiled": of(view.Compiled), "DryRun": of(view.DryRun), "Generated": of(view.Generated), "GeneratedAll": of(view.GeneratedAll),
	"ExportedBatch": of(view.ExportedBatch), "ImportedBatch": of(view.ImportedBatch), "Fetched": of(view.Fetched), "Prompts": of(view.Prompts),
	"Why": of(view.Why), "GoldSample": of(view.GoldSample), "GoldCheck": of(view.GoldCheck), "GoldEntries": of[[]view.IndexedEntry](view.GoldEntries),
	"GoldImport": of(view.GoldImport), "GoldMerged": of[decisions.Merged](view.GoldMerged), "Proposed": of(view.Proposed), "Findings": of(view.Findings),
	"Version": of(view.Version), "FolderCheck": of[qdrantlock.FolderReport](view.FolderCheck), "FolderStats": of(view.FolderStats), "FolderCompact": of(view.FolderCompact),
}

// paths are fields that stand on one line whatever their length.
var paths = []string{"Output", "Report", "Path", "Program", "Journal", "Files", "File"}

// fill puts a text into every string and n elements into every list, few into the lists
// in those.
func fill(v reflect.Value, text string, n int) {
	switch x := v.Addr().Interface().(type) {
	case *json.RawMessage:
		raw, _ := json.Marshal(map[string]any{"gold_question": text, text: text, "chunk_id": 1})
		*x = raw
		return
	case *program.Demo:
		*x = program.NewDemo(true, "query", text, "chunk_text", text)
		return
	case *api.ChunkID:
		*x = api.NewChunkID(text)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, n)
	case reflect.Struct:
		fillStruct(v, text, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range v.Len() {
			fill(v.Index(i), text, min(n, 3))
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), text, n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range min(n, 20) {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(value, text, 3)
			v.SetMapIndex(reflect.ValueOf(fmt.Sprint(i, text)), value)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(text))
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Int, reflect.Int64:
		v.SetInt(1234567)
	case reflect.Uint64:
		v.SetUint(1 << 63)
	}
}

func fillStruct(v reflect.Value, text string, n int) {
	for i := range v.NumField() {
		switch field := v.Type().Field(i); {
		case !field.IsExported():
		case slices.Contains(paths, field.Name):
			fill(v.Field(i), text[:min(len(text), 30)], n)
		default:
			fill(v.Field(i), text, n)
		}
	}
}

const evil = "plain </script>\u202egnp.exe\u2066\x00\x1b[31m\x1b]0;title\x07\x9b2J\xff\r\nverdict  forged\twide 日本語 \u2028next {{.}}"

// Nothing in a result steers the terminal, hides, or passes for a line of the program.
func TestHostileTextStaysText(t *testing.T) {
	for name, make := range shapes {
		s := make()
		fill(reflect.ValueOf(s.value).Elem(), evil, 3)
		text := written(80, s.on)
		if !utf8.ValidString(text) {
			t.Errorf("%s: not UTF-8", name)
		}
		for _, r := range text {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028') {
				t.Errorf("%s: has %q", name, r)
				break
			}
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "verdict  forged") {
				t.Errorf("%s: a text passes for a line of the program", name)
			}
		}
	}
	if text := written(100, func(p *view.Page) { view.Version(p, view.VersionInfo{Version: evil}) }); !strings.Contains(text, "⟦U+202E⟧") {
		t.Errorf("the bidi control is hidden, not shown: %s", text)
	}
}

// A result of nothing is no fault, and a huge one fits on a screen or a few; warnings
// are all there.
func TestEmptyAndHugeResults(t *testing.T) {
	whole := []string{
		"GoldEntries", "GoldSample", "Prompts", "Findings", "GoldMerged", "FolderStats", "FolderCheck", "FolderCompact", // the list is what was asked for
		"Compiled", "GeneratedAll", "Why", // candidates, gates and predictors are few
	}
	for name, make := range shapes {
		s := make()
		if v := reflect.ValueOf(s.value).Elem(); v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
		}
		for _, bad := range []string{"NaN", "<nil>", "%!", "Inf"} {
			if text := written(80, s.on); strings.Contains(text, bad) {
				t.Errorf("%s: %q in\n%s", name, bad, text)
			}
		}
		s = make()
		fill(reflect.ValueOf(s.value).Elem(), "abcdefghi ", 300)
		text := written(100, s.on)
		if wide := tooWide(text, 100); len(wide) > 0 {
			t.Errorf("%s: %q", name, wide[0])
		}
		warned := strings.Count(text, "\nwarning  ")
		if warned != 0 && warned < 300 {
			t.Errorf("%s: %d of 300 warnings", name, warned)
		}
		if lines := strings.Count(text, "\n") - warned; lines > 200 && !slices.Contains(whole, name) {
			t.Errorf("%s: %d lines", name, lines)
		}
	}
}

// A text of megabytes without a blank costs no more than what is shown of it.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("x", 4<<20)
	text := written(100, func(p *view.Page) {
		view.Generated(p, &api.GenerateResult{Query: &long, PersonaDescription: &long, Warnings: []string{strings.Repeat("word ", 1<<18)}})
	})
	if wide := tooWide(text, 100); len(wide) > 0 {
		t.Errorf("%.100q", wide[0])
	}
}

func TestCompiledIsShownToAPerson(t *testing.T) {
	text := written(100, samples["compiled"])
	for _, want := range []string{"→  1          100.0 % of 2  instruction of generator, from -3: accepted", "  Be ␛[1mclear.", "saved in  /w/p.json", "warning  few entries"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q in\n%s", want, text)
		}
	}
}

// The verdict, or what was gained, comes first; then counts, then lists.
func TestWhatMattersComesFirst(t *testing.T) {
	for name, first := range map[string]string{
		"evaluation": "verdict  ", "comparison": "verdict  ", "compiled": "best      candidate 1: 100 % of dev succeed, of the start 33 %",
		"checked_questions": "120 questions, 108 flagged", "generated_all": "done  ", "gold_check": "104 entries, 1 flagged", "gold_entries": "3 entries",
	} {
		if text := written(100, samples[name]); !strings.HasPrefix(text, first) {
			t.Errorf("%s begins with %.60q, want %q", name, text, first)
		}
	}
}

// A p-value stands there once, as people write it, whatever the verdict is.
func TestPValues(t *testing.T) {
	for verdict, want := range map[string]string{"better (p < .001)": "p < .001", "no evidence either way": "+3 points of success, 95 % interval -20 to +26, p = .42"} {
		r := &api.EvaluateResult{}
		points, p := 3.0, .42
		if strings.HasPrefix(verdict, "better") {
			p = .0001
		}
		r.Difference.Points, r.Difference.CI95, r.Difference.PValue, r.Difference.Verdict = &points, &[2]float64{-20, 26}, &p, verdict
		if text := written(100, func(p *view.Page) { view.Evaluation(p, r) }); strings.Count(text, "p = ")+strings.Count(text, "p < ") != 1 || !strings.Contains(text, want) {
			t.Errorf("%s: want %q once in\n%s", verdict, want, text)
		}
	}
}

func TestAnEmptyGoldSetSaysHowToFillIt(t *testing.T) {
	if text := written(100, func(p *view.Page) { view.GoldSample(p, &api.GoldSampleResult{}) }); !strings.Contains(text, "qgen-sidecar annotate") || !strings.Contains(text, "gold import FILE") {
		t.Error(text)
	}
}

func TestDryRunIsShownForEither(t *testing.T) {
	on := view.OrDryRun(view.Compiled)
	for want, answer := range map[string]any{"a dry run: nothing was asked": &api.DryRunResult{}, "chosen by": &api.CompileResult{}} {
		if text := written(100, func(p *view.Page) { on(p, answer) }); !strings.Contains(text, want) {
			t.Errorf("%T: %s", answer, text)
		}
	}
}

func TestEvaluationSaysWhatItRestsOn(t *testing.T) {
	text := written(80, samples["evaluation"])
	for _, want := range []string{"verdict     better (p = .0", "●", "errors      1 of baseline, 1 of optimised", "gold", "report  /work/report.html"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "the judge is the model that wrote the questions"); n != 1 {
		t.Errorf("what speaks against the judge stands there %d times", n)
	}
	if !strings.HasPrefix(written(100, samples["comparison"]), "verdict     b against a: better") {
		t.Error("the verdict does not come first")
	}
}
