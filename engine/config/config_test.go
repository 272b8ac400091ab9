package config_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/config"
)

// load writes file (if any) into a fresh folder and loads it from another.
func load(t *testing.T, file, overlay string) (*config.Config, string, string, error) {
	t.Helper()
	dir, work := t.TempDir(), t.TempDir()
	path := ""
	if file != "" {
		path = filepath.Join(dir, "qgen.toml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(path, json.RawMessage(overlay), work)
	return cfg, dir, work, err
}

func TestDefaults(t *testing.T) {
	cfg, _, work, err := load(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Config{
		Personas: config.Personas{Path: filepath.Join(work, "personas.json"), Collection: "characters", NameField: "name", DescriptionField: "description"},
		Quality:  config.Quality{RoundTripK: 10, LeakOverlap: 0.5, DuplicateCosine: 0.95, TwinCosine: 0.95},
		Annotate: config.Annotate{Target: 100, Suggestions: 4},
		Files: config.Files{RawChunks: filepath.Join(work, "raw_chunks.jsonl"), Gold: filepath.Join(work, "gold_dataset.json"),
			Program: filepath.Join(work, "optimized_pipeline.json")},
		Cache:  config.Cache{Path: filepath.Join(work, ".qgen/cache"), MaxMB: 1024},
		Limits: config.Limits{HostCallbackS: 60},
	}
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Error(diff)
	}
}

// null takes a key back to its default; only "" turns the cache off.
func TestNullKeepsTheCache(t *testing.T) {
	for overlay, want := range map[string]string{`{"cache": {"path": null}}`: ".qgen/cache", `{"cache": null}`: ".qgen/cache", `{"cache": {"path": ""}}`: ""} {
		cfg, dir, _, err := load(t, "[cache]\npath = \"elsewhere\"\n", overlay)
		if err != nil {
			t.Fatal(err)
		}
		if want != "" {
			want = filepath.Join(dir, want)
		}
		if cfg.Cache.Path != want {
			t.Errorf("%s: %q, want %q", overlay, cfg.Cache.Path, want)
		}
	}
}

func TestDefaultsWithinSections(t *testing.T) {
	cfg, dir, _, err := load(t, `
[store]
path = "db"
[[endpoint]]
name = "a"
base_url = "http://127.0.0.1:1/v1"
[lm.task]
model = "small"
[lm.judge]
`, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.Store.Path, filepath.Join(dir, "db"); got != want {
		t.Errorf("store.path = %s, want %s", got, want)
	}
	if cfg.Store.Collection != "chunks" || cfg.Store.TextField != "text" || cfg.Store.Lock != "now" {
		t.Errorf("store = %+v", cfg.Store)
	}
	want := config.Questions{Collection: "questions", QueryField: "question", ChunkIDField: "chunk_id", ID: "uuid5"}
	if diff := cmp.Diff(want, cfg.Store.Questions); diff != "" {
		t.Error(diff)
	}
	if e := cfg.Endpoints[0]; e.RPM != 0 || e.MaxInFlight != 32 || e.TimeoutS != 60 {
		t.Errorf("endpoint = %+v", e)
	}
	if r := cfg.TaskRole(); *r.Temperature != 0.7 || r.MaxTokens != 1000 || r.Layout != "auto" {
		t.Errorf("task = %+v", r)
	}
	if r := cfg.TeacherRole(); r.Model != "small" {
		t.Errorf("teacher = %+v, want the task's", r)
	}
	if r := cfg.JudgeRole(); r.Model != "small" || *r.Temperature != 0 {
		t.Errorf("judge = %+v, want the task's model at 0", r)
	}
}

func TestOverlayWins(t *testing.T) {
	file := `
[store]
url = "http://127.0.0.1:6334"
collection = "docs"
context_fields = ["title", "section"]
[store.questions.payload]
lang = "en"
source = "a"
[files]
gold = "g.json"
[cache]
path = ""
`
	cfg, dir, work, err := load(t, file, `{"store": {"path": "db", "context_fields": ["h1"], "questions": {"payload": {"source": "b", "n": 3}}},
		"files": {"program": "p.json"}, "annotate": {"target": 7.0}, "lm": {"task": null}}`)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Store.URL != "" || cfg.Store.Path != filepath.Join(work, "db") || cfg.Store.Collection != "docs" {
		t.Errorf("store = %+v", cfg.Store)
	}
	if diff := cmp.Diff([]string{"h1"}, cfg.Store.ContextFields); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"lang": "en", "source": "b", "n": int64(3)}, cfg.Store.Questions.Payload); diff != "" {
		t.Error(diff)
	}
	if cfg.Files.Gold != filepath.Join(dir, "g.json") || cfg.Files.Program != filepath.Join(work, "p.json") {
		t.Errorf("files = %+v", cfg.Files)
	}
	if cfg.Cache.Path != "" || cfg.Annotate.Target != 7 {
		t.Errorf("cache = %+v, annotate = %+v", cfg.Cache, cfg.Annotate)
	}
}

func TestOverlayURLDropsPath(t *testing.T) {
	cfg, _, _, err := load(t, "[store]\npath = \"db\"\n", `{"store": {"url": "http://q:6334"}}`)
	if err != nil || cfg.Store.Path != "" || cfg.Store.URL != "http://q:6334" {
		t.Errorf("store = %+v, err = %v", cfg.Store, err)
	}
}

func TestFaultsNameTheKey(t *testing.T) {
	endpoint := "[[endpoint]]\nname = \"a\"\nbase_url = \"http://h/v1\"\n"
	tests := map[string]struct {
		file, overlay, key, reason string
		line                       int
	}{
		"unknown key, near":     {file: "[store]\npth = \"x\"", key: "store.pth", reason: "unknown key; did you mean store.path?", line: 2},
		"unknown section":       {file: "[storre]\npath = \"x\"", key: "storre", reason: "unknown key; did you mean store?", line: 1},
		"unknown, nothing near": {file: "[annotate]\nxylophones = 1", key: "annotate.xylophones", reason: "unknown key; known here: suggestions, target", line: 2},
		"unknown in array":      {file: endpoint + "[[endpoint]]\nname = \"b\"\nbase_ul = \"http://h\"", key: "endpoint[1].base_ul", reason: "unknown key; did you mean endpoint[1].base_url?", line: 6},
		"type, string":          {file: endpoint + "rpm = \"many\"", key: "endpoint[0].rpm", reason: `expected a whole number, found the string "many"`, line: 4},
		"type, fraction":        {file: "[annotate]\ntarget = 1.5", key: "annotate.target", reason: "expected a whole number, found 1.5", line: 2},
		"type, table":           {file: "store = 1", key: "store", reason: "expected a table, found 1", line: 1},
		"type, array":           {file: "[program]\nquery_types = \"a\"", key: "program.query_types", reason: `expected an array, found the string "a"`, line: 2},
		"type, array item":      {file: "[program]\nquery_types = [\"a\", 2]", key: "program.query_types[1]", reason: "expected a string, found 2", line: 2},
		"payload date":          {file: "[store]\npath = \"x\"\n[store.questions.payload]\nd = 2026-01-01", key: "store.questions.payload.d", reason: "expected a string, number, boolean, array or table (write a date as a string), found a toml.LocalDate", line: 4},
		"store with neither":    {file: "[store]\ncollection = \"c\"", key: "store", reason: "expected exactly one of path and url, found neither", line: 1},
		"store with both":       {file: "[store]\npath = \"x\"\nurl = \"http://h\"", key: "store", reason: "expected exactly one of path and url, found both", line: 1},
		"store lock":            {file: "[store]\npath = \"x\"\nlock = \"later\"", key: "store.lock", reason: `expected one of now, lazy, found "later"`, line: 3},
		"store share":           {file: "[store]\npath = \"x\"\nshare = \"0.0.0.0:1\"", key: "store.share", reason: `expected a loopback address (127.0.0.1, ::1, localhost), found "0.0.0.0"`, line: 3},
		"share of a server":     {file: "[store]\nurl = \"http://h\"\nshare = \"127.0.0.1:0\"", key: "store.share", reason: "expected only with store.path, found with store.url: a server is shared already", line: 3},
		"twice the same name":   {file: endpoint + endpoint, key: "endpoint[1].name", reason: `expected unique names, found "a" at endpoint[0] too`, line: 5},
		"no name":               {file: "[[endpoint]]\nbase_url = \"http://h\"", key: "endpoint[0].name", reason: "expected a name, found none", line: 1},
		"base_url":              {file: "[[endpoint]]\nname = \"a\"\nbase_url = \"h/v1\"", key: "endpoint[0].base_url", reason: `expected an http:// or https:// address, found "h/v1"`, line: 3},
		"host has no address":   {file: "[[endpoint]]\nname = \"host\"\nrpm = 60\nbase_url = \"http://h\"", key: "endpoint[0].base_url", reason: `expected none: the endpoint "host" is the host's own complete callback, which takes limits and prices`, line: 4},
		"password in url":       {file: "[[endpoint]]\nname = \"a\"\nbase_url = \"ftp://u:geheim@h/v1\"", key: "endpoint[0].base_url", reason: `expected an http:// or https:// address, found "…@h/v1"`, line: 3},
		"role's endpoint":       {file: endpoint + "[lm.task]\nmodel = \"m\"\nendpoints = [\"b\"]", key: "lm.task.endpoints[0]", reason: `expected the name of an endpoint, found "b": no [[endpoint]] has that name; did you mean a?`, line: 6},
		"layout":                {file: "[lm.task]\nlayout = \"xml\"", key: "lm.task.layout", reason: `expected one of auto, markers, json, found "xml"`, line: 2},
		"temperature":           {file: "[lm.judge]\ntemperature = 3", key: "lm.judge.temperature", reason: "expected a number from 0 to 2, found 3", line: 2},
		"type mix":              {file: "[program]\nquery_types = [\"fact\", \"how-to\"]\n[quality.type_mix]\nfact = 1\nhowto = 1", key: "quality.type_mix.howto", reason: `expected one of program.query_types (fact, how-to), found "howto"`, line: 5},
		"type mix of nothing":   {file: "[quality.type_mix]\nfact = 0", key: "quality.type_mix", reason: "expected shares of which at least one is more than 0, found none", line: 1},
		"task instructions":     {file: "[lm.task]\ninstructions = \"x\"", key: "lm.task.instructions", reason: "expected only in lm.judge; the program's own are program.analyzer_instructions and program.generator_instructions", line: 2},
		"personas.source":       {file: "[personas]\nsource = \"files\"", key: "personas.source", reason: `expected one of file, collection, host, none, found "files"`, line: 2},
		"listen":                {file: "[dispatcher]\nlisten = \"8080\"", key: "dispatcher.listen", reason: `expected a loopback host:port such as 127.0.0.1:0, found "8080"`, line: 2},
		"suggestions":           {file: "[annotate]\nsuggestions = 9", key: "annotate.suggestions", reason: "expected a number from 3 to 5, found 9", line: 2},
		"overlay has no line":   {file: "[annotate]\ntarget = 1", overlay: `{"annotate": {"target": "x"}}`, key: "annotate.target", reason: `expected a whole number, found the string "x"`},
		"overlay array":         {file: endpoint, overlay: `{"endpoint": [{"name": "z"}]}`, key: "endpoint[0].base_url", reason: "expected an http:// or https:// address, found none"},
		"embed model":           {file: "[lm.embed]\n", key: "lm.embed.model", reason: "expected a model's name, found none", line: 1},
		"overlay is no object":  {overlay: `[1]`, key: "config", reason: "expected a JSON object: found an array at the top, where an object should be"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := load(t, tt.file, tt.overlay)
			var e *config.Error
			if !errors.As(err, &e) {
				t.Fatalf("err = %v", err)
			}
			if e.Key != tt.key || e.Reason != tt.reason || e.Line != tt.line {
				t.Errorf("got  %s (line %d): %s\nwant %s (line %d): %s", e.Key, e.Line, e.Reason, tt.key, tt.line, tt.reason)
			}
		})
	}
}

func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := config.Load(filepath.Join(dir, "nope.toml"), nil, dir); err == nil {
		t.Error("a named file that is missing was accepted")
	}
	bad := filepath.Join(dir, "bad.toml")
	if err := os.WriteFile(bad, []byte("[store]\npath = \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(bad, nil, dir)
	var e *config.Error
	if !errors.As(err, &e) || e.Line != 2 || e.Path != bad {
		t.Errorf("err = %#v, want line 2 of %s", err, bad)
	}
}

func TestFileInWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.FileName), []byte("[annotate]\ntarget = 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("", nil, dir)
	if err != nil || cfg.Annotate.Target != 5 || cfg.Path != filepath.Join(dir, config.FileName) {
		t.Errorf("cfg = %+v, err = %v", cfg, err)
	}
}
