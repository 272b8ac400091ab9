package program_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/program"
)

func mustLoad(t *testing.T, path string) *program.Program {
	t.Helper()
	p, err := program.Load(path, program.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustSave(t *testing.T, p *program.Program) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program.json")
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// What DSPy wrote is written again byte for byte.
func TestFilesOfDSPySurvive(t *testing.T) {
	for name, demos := range map[string][2]int{
		"unoptimized_by_dspy.json": {0, 0}, "optimized_by_dspy.json": {16, 16}, "candidate_seed-2.json": {16, 16}, "minimal_by_hand.json": {1, 1},
	} {
		path := filepath.Join("testdata", name)
		p := mustLoad(t, path)
		if got := [2]int{len(p.Predictors[0].Demos), len(p.Predictors[1].Demos)}; got != demos {
			t.Errorf("%s: expected %v demonstrations, found %v", name, demos, got)
		}
		want, got := mustRead(t, path), mustRead(t, mustSave(t, p))
		if strings.TrimRight(want, "\n") != strings.TrimRight(got, "\n") {
			t.Errorf("%s: %s", name, cmp.Diff(want, got))
		}
	}
}

func TestSaveKeepsBytesPlain(t *testing.T) {
	p := program.New(program.Options{GeneratorInstructions: "a < b & c > d \u2028 é \x01 \x7f \"q\" \\ 😀"})
	p.Predictors[1].Demos = []program.Demo{program.NewDemo(true, "query", "<&>", "chunk_text", "x")}
	text := mustRead(t, mustSave(t, p))
	for _, want := range []string{
		"\"instructions\": \"a < b & c > d \u2028 é \\u0001 \x7f \\\"q\\\" \\\\ 😀\"",
		"{\n        \"augmented\": true,\n        \"query\": \"<&>\",\n        \"chunk_text\": \"x\"\n      }",
		"\"demos\": [],", "\"prefix\": \"Chunk Text:\",\n          \"description\": \"${chunk_text}\"",
		"\"metadata\": {\n    \"dependency_versions\": {}\n  }\n}\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("expected %q in\n%s", want, text)
		}
	}
}

func TestSaveReplacesAtomically(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := program.New(program.Options{}).Save(path); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	info, _ := os.Stat(path)
	if len(entries) != 1 || info.Mode().Perm() != 0o600 {
		t.Errorf("expected one file with the old one's permissions, found %v, %v", entries, info.Mode())
	}
	var fe *program.FileError
	if err := program.New(program.Options{}).Save(filepath.Join(dir, "no", "p.json")); !errors.As(err, &fe) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("expected a *FileError for a missing folder, found %v", err)
	}
}

// edit is a DSPy file with one thing changed.
func edit(t *testing.T, old, new string) string {
	t.Helper()
	text := mustRead(t, filepath.Join("testdata", "minimal_by_hand.json"))
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in the file", old)
	}
	path := filepath.Join(t.TempDir(), "p.json")
	if err := os.WriteFile(path, []byte(strings.Replace(text, old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// lineText is a line as TestLoadRefuses names the place of a fault.
func lineText(line int) string {
	if line == 0 {
		return ""
	}
	return strconv.Itoa(line)
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ old, new, at, reason string }{
		"no JSON":             {"\"MINIMAL analyzer\",", "\"MINIMAL analyzer\"", "16", "expected JSON"},
		"not UTF-8":           {"MINIMAL analyzer", "\xff", "15", "0xFF, which is not UTF-8"},
		"too deep":            {"\"traces\": []", "\"traces\": [" + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "]", "3", "nested deeper"},
		"too many digits":     {"\"traces\": []", "\"traces\": [" + strings.Repeat("1", 5000) + "]", "3", "digits"},
		"other pipeline":      {"\"generator\": {", "\"writer\": {", "generator", "predictor"},
		"demos null":          {"\"demos\": [\n      {\n        \"chunk_text\": \"c1\",\n        \"persona_description\": \"p1\",\n        \"query_type\": \"factual\",\n        \"query_format\": \"question\",\n        \"augmented\": true\n      }\n    ]", "\"demos\": null", "analyzer.demos", "an array, found null"},
		"a demo is a string":  {"\"demos\": [", "\"demos\": [\"x\", ", "analyzer.demos[0]", "an object, found a string"},
		"no instructions":     {"\"instructions\": \"MINIMAL analyzer\",", "", "analyzer.signature.instructions", "missing"},
		"instructions number": {"\"MINIMAL analyzer\"", "3", "analyzer.signature.instructions", "a string, found a number"},
		"no signature":        {"\"signature\": {", "\"traces\": {", "analyzer.signature", "missing"},
		"field too many":      {"\"fields\": [", "\"fields\": [{\"prefix\": \"P:\", \"description\": \"D\"},", "analyzer.signature.fields", "expected 4 fields (chunk_text, persona_description, query_type, query_format), found 5"},
		"field without desc":  {"\"description\": \"D1\"", "\"desc\": \"D1\"", "analyzer.signature.fields[1].description", "missing"},
		"a method":            {"\"traces\": [],", "\"traces\": [], \"forward\": 1,", "analyzer.forward", "unknown key"},
		"metadata list":       {"\"metadata\": {\n    \"dependency_versions\": {}\n  }", "\"metadata\": []", "metadata", "an object, found an array"},
	} {
		path := edit(t, c.old, c.new)
		_, err := program.Load(path, program.Options{})
		var fe *program.FileError
		if !errors.As(err, &fe) || fe.Path != path || fe.At+lineText(fe.Line) != c.at || !strings.Contains(fe.Reason, c.reason) {
			t.Errorf("%s: expected a *FileError at %q with %q, found %v", name, c.at, c.reason, err)
		}
	}
	if _, err := program.Load(filepath.Join(t.TempDir(), "none.json"), program.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("expected os.ErrNotExist below, found %v", err)
	}
}

func TestLoadAccepts(t *testing.T) {
	base := mustLoad(t, filepath.Join("testdata", "minimal_by_hand.json")).Hash()
	for name, c := range map[string]struct{ old, new, saved string }{
		"no metadata":           {"\"metadata\": {", "\"remarks\": {", "\"dependency_versions\": {}"},
		"no versions":           {"\"dependency_versions\": {}", "\"run\": 7", "\"run\": 7,\n    \"dependency_versions\": {}"},
		"an unknown dependency": {"\"dependency_versions\": {}", "\"dependency_versions\": {\"dspy\": \"3.4.1\", \"litellm\": \"1\"}", "\"dependency_versions\": {\n      \"dspy\": \"3.4.1\"\n    }"},
		"an extra object":       {"\"metadata\": {", "\"notes\": {}, \"metadata\": {", "\"dependency_versions\": {}"},
		"an lm":                 {"\"lm\": null", "\"lm\": {\"model\": \"m\", \"temperature\": 0.70}", "\"temperature\": 0.70"},
		"traces missing":        {"\"traces\": [],", "", "\"traces\": [],"},
		"a demo with null":      {"\"augmented\": true", "\"augmented\": true, \"note\": null", "\"note\": null"},
		"escapes":               {"\"augmented\": true", "\"augmented\": true, \"caf\\u00e9\": \"\\u003c\"", "\"café\": \"<\""},
	} {
		p, err := program.Load(edit(t, c.old, c.new), program.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Hash() != base {
			t.Errorf("%s: changes the hash, but no prompt", name)
		}
		if text := mustRead(t, mustSave(t, p)); !strings.Contains(text, c.saved) {
			t.Errorf("%s: expected %q in\n%s", name, c.saved, text)
		}
	}
}

func TestHash(t *testing.T) {
	base := demoProgram()
	if h := base.Hash(); len(h) != 64 || h != demoProgram().Hash() || h != base.Clone().Hash() {
		t.Errorf("expected the same 64 hex digits each time, found %s", h)
	}
	for name, change := range map[string]func(p *program.Program){
		"instructions": func(p *program.Program) { p.Predictors[0].Signature.Instructions += "!" },
		"description":  func(p *program.Program) { p.Predictors[1].Signature.Inputs[0].Desc = "other" },
		"demo order":   func(p *program.Program) { d := p.Predictors[1].Demos; d[0], d[2] = d[2], d[0] },
		"demo gone":    func(p *program.Program) { p.Predictors[1].Demos = p.Predictors[1].Demos[1:] },
		"choices":      func(p *program.Program) { p.Predictors[0].Signature.Outputs[0].Choices[0] = "x" },
	} {
		p := demoProgram()
		change(p)
		if p.Hash() == base.Hash() {
			t.Errorf("a change of %s keeps the hash", name)
		}
	}
	p := demoProgram()
	p.Predictors[1].Signature.Outputs[0].Desc = ""
	if p.Hash() != base.Hash() {
		t.Error("an empty description and DSPy's default show the same, but hash differently")
	}
}

func TestCloneAndReset(t *testing.T) {
	p := mustLoad(t, edit(t, "\"lm\": null", "\"lm\": {\"model\": \"m\"}"))
	before := mustRead(t, mustSave(t, p))
	c := p.Clone()
	c.Predictors[0].Demos[0] = program.NewDemo(false, "x", "y")
	c.Predictors[0].Signature.Inputs[0].Desc = "changed"
	if mustRead(t, mustSave(t, p)) != before {
		t.Error("a clone's change reached its original")
	}
	r := p.Reset()
	text := mustRead(t, mustSave(t, r))
	if strings.Contains(text, "\"model\"") || len(r.Predictors[1].Demos) != 0 || !strings.Contains(text, "MINIMAL analyzer") {
		t.Errorf("expected instructions and descriptions alone, found %s", text)
	}
	if p.Predictor("analyzer") == nil || p.Predictor("judge") != nil {
		t.Error("Predictor finds by name, nil when missing")
	}
}

// state is what a round trip must keep.
type state struct {
	Instructions string
	Descriptions []string
	Demos        []json.RawMessage
	Turns        int
}

// TestRoundTripWithDSPy has real DSPy load what Save wrote, and Load what DSPy
// saved of it.
func TestRoundTripWithDSPy(t *testing.T) {
	python := os.Getenv("QGEN_TEST_PYTHON")
	if python == "" {
		t.Skip("QGEN_TEST_PYTHON is not set: no Python with dspy to compare with")
	}
	dspy := func(in string) (map[string]state, string) {
		out := filepath.Join(t.TempDir(), "resaved.json")
		cmd := exec.Command(python, filepath.Join("testdata", "roundtrip.py"), in, out)
		cmd.Env = append(os.Environ(), "DSPY_CACHEDIR="+t.TempDir())
		stdout, err := cmd.Output()
		if err != nil {
			var exit *exec.ExitError
			errors.As(err, &exit)
			t.Fatalf("dspy: %v %s", err, exit.Stderr)
		}
		var seen map[string]state
		if err := json.Unmarshal(stdout, &seen); err != nil {
			t.Fatal(err)
		}
		return seen, out
	}
	unoptimised, fresh := dspy("-")
	if p := mustLoad(t, fresh); p.Hash() != program.New(program.Options{}).Hash() || len(unoptimised) != 2 {
		t.Error("DSPy's own unoptimised program is not New's")
	}
	p := demoProgram()
	p.Predictors[1].Demos = append(p.Predictors[1].Demos, program.NewDemo(true, "chunk_text", "<a> & é \u2028 😀 \\", "query", "\"x\"\n\ty"))
	p.Predictors[0].Signature.Outputs[0] = program.NewField("query_type")
	seen, resaved := dspy(mustSave(t, p))
	again := mustLoad(t, resaved)
	if again.Hash() != p.Hash() {
		t.Error("the hash does not survive DSPy")
	}
	for _, pr := range p.Predictors {
		got := again.Predictor(pr.Name)
		want, _ := json.Marshal(pr.Demos)
		have, _ := json.Marshal(got.Demos)
		if diff := cmp.Diff(string(want), string(have)); diff != "" {
			t.Errorf("%s: demonstrations: %s", pr.Name, diff)
		}
		if diff := cmp.Diff(pr.Signature, got.Signature); diff != "" {
			t.Errorf("%s: signature: %s", pr.Name, diff)
		}
		if s := seen[pr.Name]; s.Instructions != pr.Signature.Instructions || len(s.Demos) != len(pr.Demos) || s.Turns != len(pr.Messages(in)) {
			t.Errorf("%s: DSPy sees %+v", pr.Name, s)
		}
	}
}
