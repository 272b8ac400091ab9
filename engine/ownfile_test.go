package engine_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
)

// files are all files of a world's folder but locks, by their names from there.
func (w *world) files() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") || strings.HasPrefix(path, w.path(".qgen")) {
			return err
		}
		name, _ := filepath.Rel(w.dir, path)
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) { // a link to nothing yet
			return nil
		}
		out[name] = string(text)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// writers are the methods that write a file, each with what it needs.
var writers = map[string]func(w *world, path string) error{
	"fetch": func(w *world, path string) error {
		_, err := w.Fetch(ctx, api.FetchParams{Output: path})
		return err
	},
	"compile": func(w *world, path string) error {
		_, err := w.Compile(ctx, api.CompileParams{Output: path, Optimizer: &api.OptimizerParams{NumCandidatePrograms: ptr(0)}})
		return err
	},
	"generate-all": func(w *world, path string) error {
		_, err := w.GenerateAll(ctx, api.GenerateAllParams{Output: path, Limit: ptr(2)})
		return err
	},
	"evaluate": func(w *world, path string) error {
		_, err := w.Evaluate(ctx, api.EvaluateParams{Report: path, Split: "all"})
		return err
	},
	"compare": func(w *world, path string) error {
		_, err := w.Compare(ctx, api.CompareParams{Programs: make([]api.ProgramRef, 2), Report: path, Split: "all"})
		return err
	},
	"check-questions": func(w *world, path string) error {
		_, err := w.CheckQuestions(ctx, api.CheckQuestionsParams{Questions: []api.QuestionToCheck{{Query: "Who pays the deposit?", ChunkText: "The tenant."}}, Report: path})
		return err
	},
	"gold export": func(w *world, path string) error {
		return w.WriteGoldExport(path, strings.TrimPrefix(filepath.Ext(path), "."), []byte("[]\n"))
	},
}

func writersWorld(t *testing.T) *world {
	w := newWorld(t, setup{toml: "[personas]\nsource = \"none\"\n[files]\ngold = \"gold.json\"\n"})
	w.writeGold(4)
	w.write("gold.json", w.read("gold_dataset.json"))
	if err := os.Remove(w.path("gold_dataset.json")); err != nil {
		t.Fatal(err)
	}
	w.write("raw_chunks.jsonl", `{"chunk_id":1,"chunk_text":"one"}`+"\n")
	return w
}

// Whatever is not this method's stays, to the byte, and nothing is paid for
// before that is known.
func TestNoFileIsReplacedThatIsNotOurs(t *testing.T) {
	foreign := map[string]string{
		"notes.txt":   "milk\nbread",
		"table.csv":   "chunk_id,chunk_text\n1,one\n",
		"page.html":   "<!DOCTYPE html>\n<html lang=\"en\"><head><title>mine</title></head></html>",
		"data.json":   `{"analyzer": 1, "generator": 2}`,
		"other.jsonl": `{"id":1,"text":"one"}` + "\n",
		"db.sqlite":   "SQLite format 3\x00\x10\x00",
	}
	for method, write := range writers {
		for name, text := range foreign {
			w := writersWorld(t)
			w.write(name, text)
			before := w.files()
			if strings.HasSuffix(name, ".json") && (method == "evaluate" || method == "compare" || method == "check-questions") {
				continue // another rule refuses the name
			}
			err := write(w, w.path(name))
			e := as[*api.FileError](t, err)
			if e.Path != w.path(name) || !strings.Contains(e.Reason, "name another") {
				t.Errorf("%s over %s: %v", method, name, err)
			}
			w.unchanged(method+" over "+name, before)
		}
	}
}

func (w *world) unchanged(what string, before map[string]string) {
	w.t.Helper()
	for name, text := range w.files() {
		if had, there := before[name]; !there || had != text {
			w.t.Errorf("%s: %s was written (there before: %t)", what, name, there)
		}
	}
	if n := w.llm.Count(); n != 0 {
		w.t.Errorf("%s: %d calls were paid for first", what, n)
	}
}

// A file that serves for something else here is never an output, also where it
// does not exist yet, and by whatever name it is called.
func TestAFileWithAnotherPurposeIsNoOutput(t *testing.T) {
	for name, c := range map[string]struct {
		methods string
		path    func(w *world) string
	}{
		"the gold set":               {"fetch compile generate-all", func(w *world) string { return w.path("gold.json") }},
		"by another way":             {"fetch", func(w *world) string { return filepath.Join(w.dir, "db", "..", "gold.json") }},
		"by a link":                  {"fetch", func(w *world) string { return link(w, "gold.json", "link.jsonl") }},
		"by a link to nothing yet":   {"fetch generate-all compile", func(w *world) string { return link(w, "optimized_pipeline.run.json", "dangling.jsonl") }},
		"a lock":                     {"fetch generate-all", func(w *world) string { return w.path("any.lock") }},
		"by a link into the store":   {"fetch generate-all", func(w *world) string { return link(w, "db/new.jsonl", "into.jsonl") }},
		"by a hard link":             {"fetch", func(w *world) string { return hardLink(w, "gold.json", "hard.jsonl") }},
		"a report's JSON":            {"evaluate compare check-questions", func(w *world) string { return w.path("gold.html") }},
		"the sample":                 {"compile generate-all", func(w *world) string { return w.path("raw_chunks.jsonl") }},
		"the program, not yet there": {"fetch generate-all", func(w *world) string { return w.path("optimized_pipeline.json") }},
		"the journal, not yet there": {"fetch generate-all compile", func(w *world) string { return w.path("gold.journal.jsonl") }},
		"the scores, not yet there":  {"fetch generate-all compile", func(w *world) string { return w.path("judge_scores.jsonl") }},
		"the config":                 {"fetch generate-all compile", func(w *world) string { return w.path("qgen.toml") }},
		"in the store's folder":      {"fetch generate-all compile evaluate", func(w *world) string { return w.path("db/out.jsonl") }},
		"in the cache's folder":      {"fetch generate-all compile evaluate", func(w *world) string { return w.path(".qgen/cache/out.jsonl") }},
		"a folder":                   {"fetch generate-all compile evaluate", func(w *world) string { return mkdir(w, "folder.html") }},
		"no regular file":            {"fetch generate-all compile evaluate", func(*world) string { return os.DevNull }},
	} {
		for _, method := range strings.Fields(c.methods) {
			w := writersWorld(t)
			path := c.path(w)
			before := w.files()
			err := writers[method](w, path)
			if e := as[*api.FileError](t, err); !strings.Contains(e.Reason, "name another") {
				t.Errorf("%s to %s: %v", method, name, err)
			}
			w.unchanged(method+" to "+name, before)
		}
	}
}

func link(w *world, to, name string) string {
	if err := os.Symlink(w.path(to), w.path(name)); err != nil {
		w.t.Skip(err)
	}
	return w.path(name)
}

func hardLink(w *world, to, name string) string {
	if err := os.Link(w.path(to), w.path(name)); err != nil {
		w.t.Skip(err)
	}
	return w.path(name)
}

func mkdir(w *world, name string) string {
	if err := os.MkdirAll(w.path(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	return w.path(name)
}

// What a method wrote itself, and an empty file, it replaces without a word.
func TestOwnFilesAreReplaced(t *testing.T) {
	ext := map[string]string{"fetch": ".jsonl", "compile": ".json", "generate-all": ".jsonl", "gold export": ".json"}
	for _, method := range slices.Sorted(maps.Keys(writers)) {
		w := writersWorld(t)
		name := "out" + ext[method]
		if ext[method] == "" {
			name = "out.html"
		}
		w.write(name, "")
		for round := range 2 {
			if err := writers[method](w, w.path(name)); err != nil {
				t.Errorf("%s, round %d: %v", method, round, err)
			}
		}
	}
}

// Reports of versions that had no mark are known by their structure; each kind
// of report is replaced by its own kind alone.
func TestReportsOfEarlierVersionsAreReplaced(t *testing.T) {
	unmarked := func(w *world) {
		for _, name := range []string{"out.html", "out.md"} {
			text := w.read(name)
			for _, mark := range []string{"evaluate", "check-questions"} {
				text = strings.ReplaceAll(text, `<meta name="generator" content="qgen-sidecar `+mark+`">`+"\n", "")
				text = strings.ReplaceAll(text, "\n<!-- qgen-sidecar "+mark+" -->\n", "")
			}
			if text == w.read(name) {
				w.t.Errorf("%s carries no mark", name)
			}
			w.write(name, text)
		}
	}
	for writer, over := range map[string][]string{"evaluate": {"compare", "check-questions"}, "check-questions": {"check-questions", "evaluate"}} {
		w := writersWorld(t)
		if err := writers[writer](w, w.path("out.html")); err != nil {
			t.Fatal(err)
		}
		unmarked(w)
		if err := writers[over[0]](w, w.path("out.html")); err != nil {
			t.Errorf("%s over %s of an earlier version: %v", over[0], writer, err)
		}
		if err := writers[over[1]](w, w.path("out.html")); err == nil {
			t.Errorf("%s replaced the report of %s", over[1], writer)
		}
	}
}

// The files beside a program are looked at too.
func TestAForeignRunFileStays(t *testing.T) {
	w := writersWorld(t)
	w.write("p.run.json", `{"my": "runs"}`)
	before := w.files()
	e := as[*api.FileError](t, writers["compile"](w, w.path("p.json")))
	if e.Path != w.path("p.run.json") {
		t.Errorf("the error names %s", e.Path)
	}
	w.unchanged("compile", before)
	budget := api.CompileParams{Output: w.path("q.json"), Budget: &dispatcher.Budget{MaxCalls: 1}}
	w.write("q.partial.json", "[]")
	_, err := w.Compile(ctx, budget)
	if e := as[*api.FileError](t, err); e.Path != w.path("q.partial.json") {
		t.Errorf("the error names %s", e.Path)
	}
}

// An export takes no name that any file of an earlier batch has.
func TestAnExportReplacesNoShard(t *testing.T) {
	for _, shard := range []string{"round-1-00001.jsonl", "round-1-00002.jsonl", "round-1-100000.jsonl"} {
		w := writersWorld(t)
		w.write(shard, "mine")
		before := w.files()
		_, err := w.ExportBatch(ctx, api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.path("out.jsonl")}, Batch: w.path("round-1"), MaxRequests: ptr(1)})
		if e := as[*api.FileError](t, err); e.Path != w.path(shard) {
			t.Errorf("%s: the error names %s", shard, e.Path)
		}
		w.unchanged("export-batch over "+shard, before)
	}
	w := writersWorld(t)
	w.write("round-1-2.jsonl", "no shard")
	w.write("round-10-00001.jsonl", "another batch")
	if _, err := w.ExportBatch(ctx, api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.path("out.jsonl")}, Batch: w.path("round-1")}); err != nil {
		t.Error(err)
	}
}

// A crash between the two renames of a compile leaves the old run file beside the
// new program; the new one is found under its other name.
func TestARunFileIsFoundAfterACrash(t *testing.T) {
	w := writersWorld(t)
	out := w.path("optimized_pipeline.json")
	if err := writers["compile"](w, out); err != nil {
		t.Fatal(err)
	}
	run := w.read("optimized_pipeline.run.json")
	w.write("optimized_pipeline.run.json.new", run)
	older := map[string]any{}
	if err := json.Unmarshal([]byte(run), &older); err != nil {
		t.Fatal(err)
	}
	older["program"].(map[string]any)["hash"] = "of an older program"
	entries := older["entries"].([]any)
	for _, e := range entries { // all of them were test there
		e.(map[string]any)["split"] = "test"
	}
	w.write("optimized_pipeline.run.json", string(must(json.Marshal(older))(t)))
	r := must(w.Evaluate(ctx, api.EvaluateParams{}))(t)
	if r.N == len(entries) || warned(r.Warnings, "is not the program") {
		t.Errorf("tested on %d of %d entries, warnings %v: the older program's split", r.N, len(entries), r.Warnings)
	}
	if err := writers["compile"](w, out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(w.path("optimized_pipeline.run.json.new")); !os.IsNotExist(err) {
		t.Errorf("the next compile leaves it there: %v", err)
	}
}

// A call that is refused for its output leaves the journal beside it alone.
func TestARefusedOutputKeepsItsJournal(t *testing.T) {
	w := newWorld(t, setup{})
	generateAll(t, w, api.GenerateAllParams{Limit: ptr(3)})
	w.write("out.jsonl", w.read("out.jsonl")+"my own note\n")
	before := w.files()
	for _, resume := range []bool{false, true} {
		_, err := w.GenerateAll(ctx, api.GenerateAllParams{Output: w.path("out.jsonl"), Resume: &resume})
		as[*api.FileError](t, err)
		for name, text := range w.files() {
			if before[name] != text {
				t.Errorf("resume %t: %s is changed", resume, name)
			}
		}
	}
}

// A dry run and an export look at the files, and write nothing.
func TestADryRunWritesNothing(t *testing.T) {
	w := newWorld(t, setup{})
	generateAll(t, w, api.GenerateAllParams{Limit: ptr(3)})
	w.write("out.jsonl", w.read("out.jsonl")+`{"id":"7ecb`)
	before := w.files()
	p := api.GenerateAllParams{Output: w.path("out.jsonl"), DryRun: true}
	must(w.GenerateAll(ctx, p))(t)
	p.DryRun = false
	if r := must(w.ExportBatch(ctx, api.ExportBatchParams{GenerateAllParams: p, Batch: w.path("round")}))(t); r.Done != 3 {
		t.Errorf("the export knows of %d finished questions, want 3", r.Done)
	}
	for name, text := range before {
		if w.read(name) != text && !strings.HasPrefix(name, "db/") {
			t.Errorf("%s is changed", name)
		}
	}
}

// What looks like ours, and is not.
func TestNearlyOwnFilesStay(t *testing.T) {
	for name, c := range map[string]struct{ method, file, text string }{
		"questions for a baseline": {"fetch", "a.jsonl", `{"chunk_id":1,"chunk_text":"x","query":"mine?"}` + "\n"},
		"keys in another case":     {"fetch", "a.jsonl", `{"CHUNK_ID":1,"Chunk_Text":"x"}` + "\n"},
		"annotations":              {"fetch", "a.jsonl", `{"id":"x","chunk_id":1,"chunk_text":"x","annotator":"bob"}` + "\n"},
		"a line without an end":    {"fetch", "a.jsonl", `{"chunk_id":1,"chunk_text":"x"}` + "\nnotes"},
		"scores":                   {"gold export", "a.jsonl", `{"id":"1","chunk_text":"c","persona_description":"p","gold_question":"q?","query":"r?","score":3}` + "\n"},
		"another pipeline":         {"compile", "a.json", `{"analyzer":{},"generator":{},"summarizer":{},"metadata":{}}`},
		"a run file with notes":    {"compile", "a.run.json", `{"created_at":"x","program":{"hash":"y"},"entries":[]} and my notes`},
	} {
		w := writersWorld(t)
		w.write(c.file, c.text)
		before := w.files()
		as[*api.FileError](t, writers[c.method](w, w.path(strings.Replace(c.file, ".run.json", ".json", 1))))
		w.unchanged(name, before)
	}
	w := writersWorld(t)
	for range 2 { // fields may have any name
		must(w.Fetch(ctx, api.FetchParams{Output: w.path("b.jsonl"), Fields: []string{"title", "query", "score"}}))(t)
	}
	w.write("c.jsonl", "\n\n")
	if err := writers["fetch"](w, w.path("c.jsonl")); err != nil {
		t.Errorf("blank lines: %v", err)
	}
	w.write("t.csv", "\xef\xbb\xbf\"chunk_text\",\"persona_description\",\"gold_question\",\"query_type\",\"query_format\",\"chunk_id\"\r\n")
	if err := writers["gold export"](w, w.path("t.csv")); err != nil {
		t.Errorf("a CSV file that a spreadsheet wrote: %v", err)
	}
}

// Links stay, and what they point to is replaced, the run file's too.
func TestLinksStay(t *testing.T) {
	w := writersWorld(t)
	mkdir(w, "real")
	for _, name := range []string{"p.json", "p.run.json"} {
		if err := os.Symlink(filepath.Join("real", name), w.path(name)); err != nil {
			t.Skip(err)
		}
	}
	for range 2 {
		if err := writers["compile"](w, w.path("p.json")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"p.json", "p.run.json"} {
		if _, err := os.Readlink(w.path(name)); err != nil || w.read("real/"+name) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
