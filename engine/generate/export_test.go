package generate_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

// batchLine is a request as a batch API reads it.
type batchLine struct {
	CustomID string          `json:"custom_id"`
	Method   string          `json:"method"`
	URL      string          `json:"url"`
	Body     json.RawMessage `json:"body"`
}

func readBatch(t *testing.T, path string) []batchLine {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []batchLine
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l batchLine
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&l); err != nil || l.Method != "POST" || l.URL != "/v1/chat/completions" || l.CustomID == "" {
			t.Fatalf("line %s: %v", lines.Text(), err)
		}
		out = append(out, l)
	}
	return out
}

// rounds exports, runs and imports until nothing is left to ask.
func rounds(w *enginetest.World, p api.ExportBatchParams) (n int) {
	w.T.Helper()
	for n = 1; ; n++ {
		p.Batch = w.Path(fmt.Sprintf("round-%d", n))
		e := enginetest.Must(w.ExportBatch(w.T.Context(), p))(w.T)
		if e.Failed != 0 || (e.Requests == 0) != (e.Waiting == 0) || (e.Requests == 0) != (len(e.Files) == 0) {
			w.T.Fatalf("round %d: %+v", n, e)
		}
		if e.Requests == 0 {
			return n - 1
		}
		runBatch(w, e.Files, "results.jsonl", nil)
		if i := enginetest.Must(w.ImportBatch(w.T.Context(), api.ImportBatchParams{Results: []string{w.Path("results.jsonl")}}))(w.T); i.Imported != e.Requests || i.Failed != 0 || i.PromptTokens == 0 {
			w.T.Fatalf("round %d: %+v of %d", n, i, e.Requests)
		}
	}
}

// byID are the lines of an output by id.
func byID(lines []map[string]any) map[any]map[string]any {
	out := map[any]map[string]any{}
	for _, line := range lines {
		out[line["id"]] = line
	}
	return out
}

// halfAnswerable finds an answer in the chunks of even paragraphs.
func halfAnswerable(r llmtest.Request) string {
	if !strings.Contains(r.System(), "quote") {
		return llmtest.Planted(r)
	}
	for _, even := range []string{"paragraph 2", "paragraph 4", "paragraph 6", "paragraph 8"} {
		if strings.Contains(r.Last(), even) {
			return "[[ ## answerable ## ]]\nyes\n\n[[ ## quote ## ]]\n" + even + "\n\n[[ ## completed ## ]]"
		}
	}
	return "[[ ## answerable ## ]]\nno\n\n[[ ## completed ## ]]"
}

// The questions of a batch are those that would have been asked one by one.
func TestABatchIsGenerateAllWithADetour(t *testing.T) {
	for name, p := range map[string]api.GenerateAllParams{
		"plain":     {},
		"several":   {PerChunk: new(2)},
		"gates":     {Gates: []string{"leak", "answerable"}},
		"all gates": {Gates: []string{"leak", "round-trip", "duplicate", "answerable"}, PerChunk: new(2)},
	} {
		t.Run(name, func(t *testing.T) {
			direct := enginetest.New(t, enginetest.Setup{TOML: enginetest.TypeMix})
			direct.LLM.Handle(halfAnswerable)
			want := enginetest.GenerateAll(t, direct, p)
			w := enginetest.New(t, enginetest.Setup{TOML: enginetest.TypeMix})
			w.LLM.Handle(halfAnswerable)
			p.Output = w.Path("out.jsonl")
			rounds := rounds(w, api.ExportBatchParams{GenerateAllParams: p})
			if least := 2; rounds < least || len(p.Gates) == 0 && p.PerChunk == nil && rounds != least {
				t.Errorf("%d rounds", rounds)
			}
			before := w.LLM.Count()
			got := enginetest.GenerateAll(t, w, p)
			if name != "all gates" && w.LLM.Count() != before { // embeddings are asked for
				t.Errorf("%d requests after the batch", w.LLM.Count()-before)
			}
			if got.Done != want.Done || got.Rejected != want.Rejected || got.Failed != 0 {
				t.Errorf("found %+v, directly %+v", got, want)
			}
			if diff := cmp.Diff(byID(direct.Lines("out.jsonl")), byID(w.Lines("out.jsonl"))); diff != "" {
				t.Error(diff)
			}
			// Then there is nothing left of it.
			e := enginetest.Must(w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: p, Batch: w.Path("last")}))(t)
			if e.Requests != 0 || e.Done != got.Done+got.Rejected {
				t.Errorf("last %+v", e)
			}
		})
	}
}

func TestABatchThatOutgrowsTheCacheIsSaid(t *testing.T) {
	var chunks []map[string]any
	for i := range 1500 {
		chunks = append(chunks, map[string]any{"text": fmt.Sprintf("Chapter %d explains torque value %d in some detail.", i, 7*i)})
	}
	w := enginetest.New(t, enginetest.Setup{Chunks: chunks, TOML: "[cache]\nmax_mb = 1\n"})
	for limit, want := range map[int]int{100: 0, 1500: 1} {
		p := api.ExportBatchParams{GenerateAllParams: api.GenerateAllParams{Output: w.Path("out.jsonl"), Limit: &limit}, Batch: w.Path(fmt.Sprint("b", limit))}
		if e := enginetest.Must(w.ExportBatch(t.Context(), p))(t); len(e.Warnings) != want {
			t.Errorf("%d chunks: warnings %q", limit, e.Warnings)
		}
	}
}

func TestBatchFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	some := api.GenerateAllParams{Output: w.Path("out.jsonl")}
	for param, p := range map[string]api.ExportBatchParams{
		"batch":        {GenerateAllParams: some},
		"dry_run":      {GenerateAllParams: api.GenerateAllParams{DryRun: true}, Batch: w.Path("b")},
		"fresh":        {GenerateAllParams: api.GenerateAllParams{Call: api.Call{Fresh: true}, Output: w.Path("out.jsonl")}, Batch: w.Path("b")},
		"max_requests": {GenerateAllParams: some, Batch: w.Path("b"), MaxRequests: new(0)},
		"gates":        {GenerateAllParams: api.GenerateAllParams{Gates: []string{"nice"}}, Batch: w.Path("b")},
	} {
		_, err := w.ExportBatch(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != param {
			t.Errorf("%s: %v", param, e)
		}
	}
	_, err := w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: some, Batch: w.Path("no/such/b")})
	enginetest.As[*api.FileError](t, err)
	r := enginetest.Must(w.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: some, Batch: w.Path("b"), Endpoint: "nobody"}))(t)
	if r.Requests != 0 || r.Failed != 8 || !strings.Contains(r.Failures[0].Error, `found "nobody"`) {
		t.Errorf("result %+v", r)
	}
	_, err = w.ImportBatch(t.Context(), api.ImportBatchParams{Results: []string{w.Path("none.jsonl")}})
	enginetest.As[*api.FileError](t, err)
	_, err = w.ImportBatch(t.Context(), api.ImportBatchParams{})
	enginetest.As[*api.ParamError](t, err)
	off := enginetest.New(t, enginetest.Setup{TOML: "[cache]\npath = \"\"\n"})
	_, err = off.ExportBatch(t.Context(), api.ExportBatchParams{GenerateAllParams: some, Batch: w.Path("b")})
	if e := enginetest.As[*api.ParamError](t, err); e.Param != "config cache.path" {
		t.Errorf("%v", err)
	}
	for _, left := range enginetest.Must(os.ReadDir(w.Dir))(t) {
		if strings.HasPrefix(left.Name(), "b-") || strings.HasPrefix(left.Name(), ".qgen-") {
			t.Errorf("left behind: %s", left.Name())
		}
	}
}
