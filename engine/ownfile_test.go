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
	"qgen-sidecar/engine/enginetest"
)

// writers are the methods that write a file, each with what it needs.
var writers = map[string]func(w *enginetest.World, path string) error{
	"fetch": func(w *enginetest.World, path string) error {
		_, err := w.Fetch(w.T.Context(), api.FetchParams{Output: path})
		return err
	},
	"compile": func(w *enginetest.World, path string) error {
		_, err := w.Compile(w.T.Context(), api.CompileParams{Output: path, Optimizer: &api.OptimizerParams{NumCandidatePrograms: new(0)}})
		return err
	},
	"generate-all": func(w *enginetest.World, path string) error {
		_, err := w.GenerateAll(w.T.Context(), api.GenerateAllParams{Output: path, Limit: new(2)})
		return err
	},
	"evaluate": func(w *enginetest.World, path string) error {
		_, err := w.Evaluate(w.T.Context(), api.EvaluateParams{Report: path, Split: "all"})
		return err
	},
	"compare": func(w *enginetest.World, path string) error {
		_, err := w.Compare(w.T.Context(), api.CompareParams{Programs: make([]api.ProgramRef, 2), Report: path, Split: "all"})
		return err
	},
	"check-questions": func(w *enginetest.World, path string) error {
		_, err := w.CheckQuestions(w.T.Context(), api.CheckQuestionsParams{Questions: []api.QuestionToCheck{{Query: "Who pays the deposit?", ChunkText: "The tenant."}}, Report: path})
		return err
	},
	"gold export": func(w *enginetest.World, path string) error {
		return w.WriteGoldExport(path, strings.TrimPrefix(filepath.Ext(path), "."), []byte("[]\n"))
	},
}

func writersWorld(t *testing.T) *enginetest.World {
	w := enginetest.New(t, enginetest.Setup{TOML: "[personas]\nsource = \"none\"\n[files]\ngold = \"gold.json\"\n"})
	w.WriteGold(4)
	w.Write("gold.json", w.Read("gold_dataset.json"))
	if err := os.Remove(w.Path("gold_dataset.json")); err != nil {
		t.Fatal(err)
	}
	w.Write("raw_chunks.jsonl", `{"chunk_id":1,"chunk_text":"one"}`+"\n")
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
			w.Write(name, text)
			before := w.Files()
			if strings.HasSuffix(name, ".json") && (method == "evaluate" || method == "compare" || method == "check-questions") {
				continue // another rule refuses the name
			}
			err := write(w, w.Path(name))
			e := enginetest.As[*api.FileError](t, err)
			if e.Path != w.Path(name) || !strings.Contains(e.Reason, "name another") {
				t.Errorf("%s over %s: %v", method, name, err)
			}
			w.Unchanged(method+" over "+name, before)
		}
	}
}

// A file that serves for something else here is never an output, also where it
// does not exist yet, and by whatever name it is called.
func TestAFileWithAnotherPurposeIsNoOutput(t *testing.T) {
	for name, c := range map[string]struct {
		methods string
		path    func(w *enginetest.World) string
	}{
		"the gold set":               {"fetch compile generate-all", func(w *enginetest.World) string { return w.Path("gold.json") }},
		"by another way":             {"fetch", func(w *enginetest.World) string { return filepath.Join(w.Dir, "db", "..", "gold.json") }},
		"by a link":                  {"fetch", func(w *enginetest.World) string { return link(w, "gold.json", "link.jsonl") }},
		"by a link to nothing yet":   {"fetch generate-all compile", func(w *enginetest.World) string { return link(w, "optimized_pipeline.run.json", "dangling.jsonl") }},
		"a lock":                     {"fetch generate-all", func(w *enginetest.World) string { return w.Path("any.lock") }},
		"by a link into the store":   {"fetch generate-all", func(w *enginetest.World) string { return link(w, "db/new.jsonl", "into.jsonl") }},
		"by a hard link":             {"fetch", func(w *enginetest.World) string { return hardLink(w, "gold.json", "hard.jsonl") }},
		"a report's JSON":            {"evaluate compare check-questions", func(w *enginetest.World) string { return w.Path("gold.html") }},
		"the sample":                 {"compile generate-all", func(w *enginetest.World) string { return w.Path("raw_chunks.jsonl") }},
		"the program, not yet there": {"fetch generate-all", func(w *enginetest.World) string { return w.Path("optimized_pipeline.json") }},
		"the journal, not yet there": {"fetch generate-all compile", func(w *enginetest.World) string { return w.Path("gold.journal.jsonl") }},
		"the scores, not yet there":  {"fetch generate-all compile", func(w *enginetest.World) string { return w.Path("judge_scores.jsonl") }},
		"the config":                 {"fetch generate-all compile", func(w *enginetest.World) string { return w.Path("qgen.toml") }},
		"in the store's folder":      {"fetch generate-all compile evaluate", func(w *enginetest.World) string { return w.Path("db/out.jsonl") }},
		"in the cache's folder":      {"fetch generate-all compile evaluate", func(w *enginetest.World) string { return w.Path(".qgen/cache/out.jsonl") }},
		"a folder":                   {"fetch generate-all compile evaluate", func(w *enginetest.World) string { return mkdir(w, "folder.html") }},
		"no regular file":            {"fetch generate-all compile evaluate", func(*enginetest.World) string { return os.DevNull }},
	} {
		for _, method := range strings.Fields(c.methods) {
			w := writersWorld(t)
			path := c.path(w)
			before := w.Files()
			err := writers[method](w, path)
			if e := enginetest.As[*api.FileError](t, err); !strings.Contains(e.Reason, "name another") {
				t.Errorf("%s to %s: %v", method, name, err)
			}
			w.Unchanged(method+" to "+name, before)
		}
	}
}

func link(w *enginetest.World, to, name string) string {
	if err := os.Symlink(w.Path(to), w.Path(name)); err != nil {
		w.T.Skip(err)
	}
	return w.Path(name)
}

func hardLink(w *enginetest.World, to, name string) string {
	if err := os.Link(w.Path(to), w.Path(name)); err != nil {
		w.T.Skip(err)
	}
	return w.Path(name)
}

func mkdir(w *enginetest.World, name string) string {
	if err := os.MkdirAll(w.Path(name), 0o755); err != nil {
		w.T.Fatal(err)
	}
	return w.Path(name)
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
		w.Write(name, "")
		for round := range 2 {
			if err := writers[method](w, w.Path(name)); err != nil {
				t.Errorf("%s, round %d: %v", method, round, err)
			}
		}
	}
}

// Reports of versions that had no mark are known by their structure; each kind
// of report is replaced by its own kind alone.
func TestReportsOfEarlierVersionsAreReplaced(t *testing.T) {
	unmarked := func(w *enginetest.World) {
		for _, name := range []string{"out.html", "out.md"} {
			text := w.Read(name)
			for _, mark := range []string{"evaluate", "check-questions"} {
				text = strings.ReplaceAll(text, `<meta name="generator" content="qgen-sidecar `+mark+`">`+"\n", "")
				text = strings.ReplaceAll(text, "\n<!-- qgen-sidecar "+mark+" -->\n", "")
			}
			if text == w.Read(name) {
				w.T.Errorf("%s carries no mark", name)
			}
			w.Write(name, text)
		}
	}
	for writer, over := range map[string][]string{"evaluate": {"compare", "check-questions"}, "check-questions": {"check-questions", "evaluate"}} {
		w := writersWorld(t)
		if err := writers[writer](w, w.Path("out.html")); err != nil {
			t.Fatal(err)
		}
		unmarked(w)
		if err := writers[over[0]](w, w.Path("out.html")); err != nil {
			t.Errorf("%s over %s of an earlier version: %v", over[0], writer, err)
		}
		if err := writers[over[1]](w, w.Path("out.html")); err == nil {
			t.Errorf("%s replaced the report of %s", over[1], writer)
		}
	}
}

// The files beside a program are looked at too.
func TestAForeignRunFileStays(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	w.WriteGold(4)
	w.Write("p.run.json", `{"my": "runs"}`)
	before := w.Files()
	_, err := w.Compile(t.Context(), api.CompileParams{Output: w.Path("p.json"), Optimizer: &api.OptimizerParams{NumCandidatePrograms: new(0)}})
	if e := enginetest.As[*api.FileError](t, err); e.Path != w.Path("p.run.json") {
		t.Errorf("the error names %s", e.Path)
	}
	w.Unchanged("compile", before)
	budget := api.CompileParams{Output: w.Path("q.json"), Budget: &dispatcher.Budget{MaxCalls: 1}}
	w.Write("q.partial.json", "[]")
	_, err = w.Compile(t.Context(), budget)
	if e := enginetest.As[*api.FileError](t, err); e.Path != w.Path("q.partial.json") {
		t.Errorf("the error names %s", e.Path)
	}
}

// An export takes no name that any file of an earlier batch has.
func TestAnExportReplacesNoShard(t *testing.T) {
	for _, shard := range []string{"round-1-00001.jsonl", "round-1-00002.jsonl", "round-1-100000.jsonl"} {
		w := enginetest.New(t, enginetest.Setup{})
		w.Write(shard, "mine")
		before := w.Files()
		_, err := w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.Path("out.jsonl")}, Batch: w.Path("round-1"), MaxRequests: new(1)})
		if e := enginetest.As[*api.FileError](t, err); e.Path != w.Path(shard) {
			t.Errorf("%s: the error names %s", shard, e.Path)
		}
		w.Unchanged("export-batch over "+shard, before)
	}
	w := enginetest.New(t, enginetest.Setup{})
	w.Write("round-1-2.jsonl", "no shard")
	w.Write("round-10-00001.jsonl", "another batch")
	if _, err := w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.Path("out.jsonl")}, Batch: w.Path("round-1")}); err != nil {
		t.Error(err)
	}
}

// A crash between the two renames of a compile leaves the old run file beside the
// new program; the new one is found under its other name.
func TestARunFileIsFoundAfterACrash(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(4)
	p := api.CompileParams{Optimizer: &api.OptimizerParams{NumCandidatePrograms: new(0)}}
	enginetest.Compile(t, w, p)
	run := w.Read("optimized_pipeline.run.json")
	w.Write("optimized_pipeline.run.json.new", run)
	older := map[string]any{}
	if err := json.Unmarshal([]byte(run), &older); err != nil {
		t.Fatal(err)
	}
	older["program"].(map[string]any)["hash"] = "of an older program"
	entries := older["entries"].([]any)
	for _, e := range entries { // all of them were test there
		e.(map[string]any)["split"] = "test"
	}
	w.Write("optimized_pipeline.run.json", string(enginetest.Must(json.Marshal(older))(t)))
	r := enginetest.Must(w.Evaluate(t.Context(), api.EvaluateParams{}))(t)
	if r.N == len(entries) || enginetest.Warned(r.Warnings, "is not the program") {
		t.Errorf("tested on %d of %d entries, warnings %v: the older program's split", r.N, len(entries), r.Warnings)
	}
	enginetest.Compile(t, w, p)
	if _, err := os.Stat(w.Path("optimized_pipeline.run.json.new")); !os.IsNotExist(err) {
		t.Errorf("the next compile leaves it there: %v", err)
	}
}

// A call that is refused for its output leaves the journal beside it alone.
func TestARefusedOutputKeepsItsJournal(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(3)})
	w.Write("out.jsonl", w.Read("out.jsonl")+"my own note\n")
	before := w.Files()
	for _, resume := range []bool{false, true} {
		_, err := w.GenerateAll(t.Context(), api.GenerateAllParams{Output: w.Path("out.jsonl"), Resume: &resume})
		enginetest.As[*api.FileError](t, err)
		for name, text := range w.Files() {
			if before[name] != text {
				t.Errorf("resume %t: %s is changed", resume, name)
			}
		}
	}
}

// A dry run and an export look at the files, and write nothing.
func TestADryRunWritesNothing(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.GenerateAll(t, w, api.GenerateAllParams{Limit: new(3)})
	w.Write("out.jsonl", w.Read("out.jsonl")+`{"id":"7ecb`)
	before := w.Files()
	p := api.GenerateAllParams{Output: w.Path("out.jsonl"), DryRun: true}
	enginetest.Must(w.GenerateAll(t.Context(), p))(t)
	p.DryRun = false
	if r := enginetest.Must(w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: p, Batch: w.Path("round")}))(t); r.Done != 3 {
		t.Errorf("the export knows of %d finished questions, want 3", r.Done)
	}
	for name, text := range before {
		if w.Read(name) != text && !strings.HasPrefix(name, "db/") {
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
		w.Write(c.file, c.text)
		before := w.Files()
		enginetest.As[*api.FileError](t, writers[c.method](w, w.Path(strings.Replace(c.file, ".run.json", ".json", 1))))
		w.Unchanged(name, before)
	}
	w := writersWorld(t)
	for range 2 { // fields may have any name
		enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Output: w.Path("b.jsonl"), Fields: []string{"title", "query", "score"}}))(t)
	}
	w.Write("c.jsonl", "\n\n")
	if err := writers["fetch"](w, w.Path("c.jsonl")); err != nil {
		t.Errorf("blank lines: %v", err)
	}
	w.Write("t.csv", "\xef\xbb\xbf\"chunk_text\",\"persona_description\",\"gold_question\",\"query_type\",\"query_format\",\"chunk_id\"\r\n")
	if err := writers["gold export"](w, w.Path("t.csv")); err != nil {
		t.Errorf("a CSV file that a spreadsheet wrote: %v", err)
	}
}

// Links stay, and what they point to is replaced, the run file's too.
func TestLinksStay(t *testing.T) {
	w := writersWorld(t)
	mkdir(w, "real")
	for _, name := range []string{"p.json", "p.run.json"} {
		if err := os.Symlink(filepath.Join("real", name), w.Path(name)); err != nil {
			t.Skip(err)
		}
	}
	for range 2 {
		if err := writers["compile"](w, w.Path("p.json")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"p.json", "p.run.json"} {
		if _, err := os.Readlink(w.Path(name)); err != nil || w.Read("real/"+name) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
