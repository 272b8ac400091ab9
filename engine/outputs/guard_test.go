package outputs_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
