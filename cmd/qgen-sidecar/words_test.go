//go:build unix

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goWords are words of Go, its libraries and protocols that no person asked for.
var goWords = regexp.MustCompile(`[ (](json|toml|csv|sqlite|strconv|optimize): |unmarshal|Go (struct|value)|invalid character '|looking for beginning|unexpected end of JSON|` +
	`top-level value|parse error on|bare "|unexpected EOF|\bEOF\b|panic|runtime error|reflect|rpc error|code = |desc = |context (canceled|deadline)|parsing "|parse "|` +
	`Time\.|parsing time|\[\]string|map\[|interface|<nil>|%!|flag needed|shorthand|unknown flag|\bopen /|\bstat /|^open |PathError|proto:|net/http|dial tcp`)

const plainConfig = `
[store]
path = "qdrant_db"
collection = "plain"
text_field = "text"
[[endpoint]]
name = "a"
base_url = "http://127.0.0.1:9/v1"
timeout_s = 1
[lm.task]
model = "m"
[files]
gold = "gold.json"
program = "program.json"
`

const (
	goldEntry   = `{"chunk_text": "Leave is kept.", "persona_description": "a nurse", "gold_question": "Does leave carry over?"}`
	goldOfThree = "[" + goldEntry + `, {"chunk_text": "B", "persona_description": "", "gold_question": "About b?"}, {"chunk_text": "C", "persona_description": "", "gold_question": "About c?"}]`
)

// wrongInputs are all ways in which people hand something over: a file of what is in it,
// under the name that a line gives it. Each must end in words that say what was expected.
var wrongInputs = []struct {
	name, file, content, line, want string
}{
	{"config: no TOML", "qgen.toml", "[store\npath = 1", "prompts", "qgen.toml, line 1: expected TOML: "},
	{"config: half a text", "qgen.toml", "[store]\npath = \"x\n", "prompts", "line 2: expected TOML"},
	{"config: JSON", "qgen.toml", `{"store": {}}`, "prompts", "expected TOML"},
	{"config: a key twice", "qgen.toml", "[store]\npath = \"a\"\npath = \"b\"\n", "prompts", "expected TOML"},
	{"config: a wrong kind", "qgen.toml", "[store]\npath = 5\n", "prompts", "line 2: store.path: expected a string"},
	{"config: a wrong number", "qgen.toml", "[limits]\nhost_callback_s = \"soon\"\n", "prompts", "line 2: limits.host_callback_s: expected a number"},
	{"config: not UTF-8", "qgen.toml", "[store]\npath = \"caf\xe9\"\n", "prompts", "line 2"},
	{"config: a folder", "qgen.toml/x", "", "prompts", "qgen.toml: cannot be read: is a directory"},
	{"gold: none", "", "", "compile", "there is no gold set yet; pick questions with qgen-sidecar annotate, bring some along with qgen-sidecar gold import FILE"},
	{"gold: none, evaluate", "", "", "evaluate", "there is no gold set yet"},
	{"gold: none, compare", "", "", "compare --programs null --programs null", "there is no gold set yet"},
	{"gold: none, to score", "", "", "annotate --judge", "there is no gold set yet"},
	{"gold: none, to check", "", "", "gold check", "there is no gold set yet"},
	{"gold: none, to review", "", "", "gold review", "there is no gold set yet"},
	{"gold: none, to export", "", "", "gold export", "there is no gold set yet"},
	{"gold: empty", "gold.json", "[]", "compile", "expected at least one entry"},
	{"gold: nothing", "gold.json", "", "compile", "expected a JSON array, found nothing"},
	{"gold: half", "gold.json", "[" + goldEntry, "compile", "expected the end of the array"},
	{"gold: a stray letter", "gold.json", "[\nx]", "compile", "line 2: expected JSON: found 'x' where a value should begin"},
	{"gold: a comma", "gold.json", "[" + goldEntry + ",]", "gold check", "expected JSON: found ']'"},
	{"gold: an object", "gold.json", "{}", "evaluate", "expected a JSON array, found an object"},
	{"gold: other entries", "gold.json", "[1]", "gold show", "expected an object"},
	{"gold: a number", "gold.json", `[{"chunk_text": 5, "persona_description": "", "gold_question": "Why?"}]`, "gold show", `expected a text under "chunk_text", found the number 5`},
	{"import: half", "in.json", "[" + goldEntry, "gold import in.json", "expected a JSON array: found its end too early"},
	{"import: a stray letter", "in.jsonl", "{x}", "gold import in.jsonl", "in.jsonl, line 1: expected an object"},
	{"import: a number", "in.jsonl", `{"chunk_text": 5}`, "gold import in.jsonl", `found a number under "chunk_text", where a string should be`},
	{"import: an id", "in.jsonl", `{"chunk_text": "a", "persona_description": "", "gold_question": "b", "chunk_id": {}}`, "gold import in.jsonl", "chunk_id: expected a whole number or a string"},
	{"import: none", "", "", "gold import in.json", "in.json: cannot be read: no such file"},
	{"import: CSV of odd rows", "in.csv", "chunk_text,gold_question\na,b,c\n", "gold import in.csv", "in.csv, line 2: expected CSV: found a row with more or fewer values"},
	{"import: CSV of odd quotes", "in.csv", "chunk_text,gold_question\na \"b\" c,d\n", "gold import in.csv", "line 2: expected CSV: found a \""},
	{"import: CSV without an end", "in.csv", "chunk_text,gold_question\n\"a,d\n", "gold import in.csv", "line 2: expected CSV: found text after"},
	{"merge: none", "", "", "gold merge ann.jsonl", "ann.jsonl"},
	{"merge: no decisions", "ann.jsonl", "x\n", "gold merge ann.jsonl", "ann.jsonl"},
	{"merge: a wrong kind", "ann.jsonl", `{"seq": "one", "op": "take"}` + "\n{}\n", "gold merge ann.jsonl", `found a string under "seq"`},
	{"merge: a wrong time", "ann.jsonl", `{"seq": 1, "op": "take", "at": "noon"}` + "\n{}\n", "gold merge ann.jsonl", "a time such as"},
	{"chunks: none", "", "", "annotate", "there are no chunks yet; run qgen-sidecar fetch"},
	{"chunks: others", "raw_chunks.jsonl", "{\"a\": 1}\n", "annotate", "raw_chunks.jsonl, line 1"},
	{"chunks: a wrong kind", "raw_chunks.jsonl", "{\"chunk_id\": 1, \"chunk_text\": 5}\n", "annotate", "raw_chunks.jsonl, line 1"},
	{"program: none", "", "", "prompts --program p.json", "p.json: the program cannot be read: no such file"},
	{"program: half", "p.json", `{"analyzer": `, "prompts --program p.json", "expected JSON: found its end too early"},
	{"program: another", "p.json", `{"analyzer": 5}`, "prompts --program p.json", "at analyzer"},
	{"program: a list", "p.json", `[]`, "prompts --program p.json", "p.json"},
	{"program: fields", "p.json", `{"analyzer": {"signature": {"instructions": 4}}}`, "prompts --program p.json", "at analyzer.signature.instructions: expected a string"},
	{"baseline: a wrong kind", "b.jsonl", `{"chunk_text": 5}`, "evaluate --baseline b.jsonl --program null --split all", `b.jsonl, line 1: expected an object with texts under "chunk_text" and "query": found a number under "chunk_text"`},
	{"run file", "program.run.json", "{}", "evaluate --program p.json", "p.json"},
	{"batch: no lines", "r.jsonl", "x\n", "import-batch --results r.jsonl", "expected a JSON object with custom_id and response"},
	{"batch: none", "", "", "import-batch --results r.jsonl", "r.jsonl: cannot be read: no such file"},
	{"flag: a file that is none", "", "", "generate --chunk-text x --payload @no.json", "no.json cannot be read: no such file"},
	{"flag: no JSON", "", "", "generate --chunk-text x --payload {a", "--payload: expected JSON, found"},
	{"flag: a number too large", "", "", "fetch --count 99999999999999999999", "--count: expected a whole number"},
	{"flag: a number", "", "", "compile --threshold high", `--threshold: expected a number, found "high"`},
	{"flag: a share", "", "", "compile --split.train x", "--split: expected"},
	{"flag: a split", "", "", "compile --split abc", "--split: expected percents"},
	{"flag: a metric", "", "", "compile --metric 5", "--metric: expected"},
	{"flag: an id", "", "", "generate --chunk-id -5.5", "--chunk-id: expected a whole number or a string"},
	{"flag: a filter's text", "", "", "fetch --filter x", "--filter: expected JSON"},
	{"flag: a filter's kind", "", "", "fetch --filter [1]", "--filter: expected a Qdrant filter"},
	{"flag: a filter's key", "", "", `fetch --filter {"must":[{"key":5}]}`, "--filter: expected a Qdrant filter"},
	{"flag: a filter's range", "", "", `fetch --filter {"must":[{"key":"a","range":{"gt":"x"}}]}`, "--filter: expected a Qdrant filter"},
	{"flag: questions", "q.json", `[{"chunk_text": 1}]`, "check-questions --questions @q.json", "--questions[0].chunk-text: expected a string, found 1"},
	{"flag: questions' file", "q.json", `[{"chunk_text": "a"`, "check-questions --questions @q.json", "--questions: expected a JSON array"},
	{"flag: no questions", "q.json", `nothing`, "check-questions --questions @q.json", "--questions[0]: expected an object"},
	{"flag: a vector", "", "", "generate --chunk-text x --vector a", "--vector"},
	{"flag: a slice", "", "", "generate-all --slice.index x --slice.total 2", "--slice.index: expected a whole number"},
	{"flag: a true", "", "", "generate --chunk-text x --save=perhaps", `--save: expected true or false, found "perhaps"`},
	{"flag: a format", "", "", "gold export --format yaml", "--format: expected one of json"},
	{"flag: nothing", "", "", "fetch --=5", "expected flags such as --name value"},
	{"flag: three dashes", "", "", "fetch ---count", "expected flags such as --name value"},
	{"a chunk that is not there", "", "", "generate --chunk-id 987654321", "--chunk-id: expected the id of a point"},
	{"a point that is not there", "", "", "why 987654321", "the collection does not exist"},
	{"a folder that is none", "", "", "folder check nowhere", "there is no such folder"},
	{"a folder of something else", "other/meta.json", "{", "folder check other", "meta.json"},
	{"a folder of another shape", "other/meta.json", `{"collections": []}`, "folder stats other", "meta.json"},
	{"an address that is none", "", "", "init http://%zz --output other.toml", "http"},
	{"an address where nobody is", "", "", "init http://127.0.0.1:9 --output other.toml", "127.0.0.1:9"},
	{"an endpoint where nobody is", "", "", "generate --chunk-text x --persona-description p --program null --timeout-s 3", "given up"},
	{"an endpoint where nobody is, in check", "", "", "check", "cannot connect: 127.0.0.1:9: connection refused"},
	{"a report in no folder", "gold.json", goldOfThree, "evaluate --program null --report no/such/r.html", "no/such"},
}

// Whatever is wrong with a line, a config or a file, the words are ours.
func TestNoWordsOfGo(t *testing.T) {
	storage, err := filepath.Abs("../../qdrantlock/folder/testdata/qdrant/v1_20/storage")
	must(t, err)
	for _, c := range wrongInputs {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			must(t, os.CopyFS("qdrant_db", os.DirFS(storage)))
			if !strings.HasPrefix(c.file, "qgen.toml") {
				must(t, os.WriteFile("qgen.toml", []byte(plainConfig), 0o644))
			}
			if c.file != "" {
				must(t, os.MkdirAll(filepath.Dir(c.file), 0o755))
				must(t, os.WriteFile(c.file, []byte(c.content), 0o644))
			}
			if strings.Contains(c.line, "--baseline") {
				must(t, os.WriteFile("gold.json", []byte(goldOfThree), 0o644))
			}
			status, out, errs := ask(strings.Fields(c.line)...)
			said := errs + out
			if !strings.Contains(strings.ReplaceAll(said, `\"`, `"`), c.want) {
				t.Errorf("%s: status %d, want %q in\n%s", c.line, status, c.want, said)
			}
			if word := goWords.FindString(said); word != "" {
				t.Errorf("%s: %q in\n%s", c.line, word, said)
			}
		})
	}
}
