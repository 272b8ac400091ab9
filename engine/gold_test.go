package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func addParams(i int) api.GoldAddParams {
	return api.GoldAddParams{ChunkText: fmt.Sprintf("chunk %d", i), PersonaDescription: "p", GoldQuestion: fmt.Sprintf("question <%d>?", i)}
}

func TestGoldAddIsOnDiskAndKeepsWhatItDoesNotKnow(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.Write("gold_dataset.json", "[\n  {\"chunk_text\": \"c\", \"zebra\": {\"b\": 1, \"a\": 2.50}, \"persona_description\": \"\", \"gold_question\": \"q?\"}\n]")
	p := addParams(1)
	p.QueryType, p.ChunkID = "factual", api.NewChunkID(17)
	if r := enginetest.Must(w.GoldAdd(t.Context(), p))(t); r.Count != 2 {
		t.Errorf("count = %d", r.Count)
	}
	if r := enginetest.Must(w.GoldAdd(t.Context(), p))(t); r.Count != 2 {
		t.Errorf("the same entry again: count = %d, want 2", r.Count)
	}
	want := `[
  {
    "chunk_text": "c",
    "zebra": {
      "b": 1,
      "a": 2.50
    },
    "persona_description": "",
    "gold_question": "q?"
  },
  {
    "chunk_text": "chunk 1",
    "persona_description": "p",
    "gold_question": "question <1>?",
    "query_type": "factual",
    "chunk_id": 17
  }
]
`
	if diff := cmp.Diff(want, w.Read("gold_dataset.json")); diff != "" {
		t.Error(diff)
	}
	if r := enginetest.Must(w.GoldRemove(t.Context(), api.GoldRemoveParams{ChunkText: "chunk 1", GoldQuestion: "question <1>?"}))(t); r.Count != 1 {
		t.Errorf("after removal: count = %d", r.Count)
	}
	if r := enginetest.Must(w.GoldRemove(t.Context(), api.GoldRemoveParams{ChunkText: "none", GoldQuestion: "?"}))(t); r.Count != 1 {
		t.Errorf("removing what is not there: count = %d", r.Count)
	}
}

func TestGoldAddFromManyAtOnceLosesNothing(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	other := enginetest.New(t, enginetest.Setup{NoStore: true, Dir: w.Dir}) // as another process would
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			adder := w
			if i%2 == 1 {
				adder = other
			}
			if _, err := adder.GoldAdd(t.Context(), addParams(i/2*2)); err != nil { // each twice, once by either
				t.Error(err)
			}
		})
	}
	group.Wait()
	if entries := enginetest.Must(w.GoldEntries())(t); len(entries) != 20 {
		t.Errorf("%d entries, want 20", len(entries))
	}
}

func TestGoldAddFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	_, err := w.GoldAdd(t.Context(), api.GoldAddParams{GoldQuestion: "q"})
	if e := enginetest.As[*api.ParamError](t, err); e.Param != "chunk_text" {
		t.Errorf("err = %v", err)
	}
	_, err = w.GoldAdd(t.Context(), api.GoldAddParams{ChunkText: "c", GoldQuestion: " "})
	if e := enginetest.As[*api.ParamError](t, err); e.Param != "gold_question" {
		t.Errorf("err = %v", err)
	}
	w.Write("gold_dataset.json", "[{")
	_, err = w.GoldAdd(t.Context(), addParams(1))
	enginetest.As[*api.FileError](t, err)
	if w.Read("gold_dataset.json") != "[{" {
		t.Error("a broken file was overwritten")
	}
}

func TestBadGoldNamesTheLine(t *testing.T) {
	good := `{"chunk_text": "c", "persona_description": "p", "gold_question": "q"}`
	tests := map[string]struct {
		text   string
		line   int
		reason string
	}{
		"missing key":    {"[\n" + good + ",\n\n{\"chunk_text\": \"c\", \"persona_description\": \"p\"}]", 4, `entry 2: expected a text under "gold_question", found no such key`},
		"blank text":     {`[{"chunk_text": " ", "persona_description": "p", "gold_question": "q"}]`, 1, `entry 1: expected a text under "chunk_text", found the text " "`},
		"wrong type":     {"[\n" + good + "\n,\n" + `{"chunk_text": "c", "persona_description": 3, "gold_question": "q"}]`, 4, `entry 2: expected a text under "persona_description", found the number 3`},
		"null":           {`[{"chunk_text": "c", "persona_description": null, "gold_question": "q"}]`, 1, `entry 1: expected a text under "persona_description", found nothing`},
		"type of a type": {`[{"chunk_text": "c", "persona_description": "", "gold_question": "q", "query_type": []}]`, 1, `entry 1: expected a text under "query_type", found an array`},
		"no object":      {"[\n\n7]", 3, `entry 1: expected an object with "chunk_text", "persona_description" and "gold_question"`},
		"syntax":         {"[\n" + good + ",\n{\"a\": }]", 3, "expected JSON: invalid character '}' looking for beginning of value"},
		"cut off":        {"[\n" + good + ",\n", 3, "expected the end of the array, found the end of the file"},
		"an object":      {"{}", 1, "expected a JSON array, found an object"},
		"empty file":     {"", 1, "expected a JSON array, found nothing"},
		"more after it":  {"[]\n[]", 2, "expected the end of the file after the array"},
	}
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w.Write("gold_dataset.json", tt.text)
			_, err := w.GoldSample(t.Context(), api.GoldSampleParams{})
			e := enginetest.As[*api.FileError](t, err)
			if e.Line != tt.line || e.Reason != tt.reason || e.Path != w.Path("gold_dataset.json") {
				t.Errorf("got line %d: %s\nwant line %d: %s", e.Line, e.Reason, tt.line, tt.reason)
			}
		})
	}
}

// A set that nobody has begun is empty for those who look, and missing for
// those who need it.
func TestGoldNotBegun(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	sample, err := w.GoldSample(t.Context(), api.GoldSampleParams{})
	if err != nil || sample.Total != 0 || len(sample.Entries) != 0 {
		t.Errorf("gold-sample: %+v, %v", sample, err)
	}
	_, err = w.Compile(t.Context(), api.CompileParams{})
	enginetest.As[*api.FileError](t, err)
}

func TestGoldSampleIsSeededAndWhole(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(20)
	a := enginetest.Must(w.GoldSample(t.Context(), api.GoldSampleParams{Seed: new(int64(4))}))(t)
	b := enginetest.Must(w.GoldSample(t.Context(), api.GoldSampleParams{Seed: new(int64(4))}))(t)
	if a.Total != 20 || len(a.Entries) != 5 || !cmp.Equal(a, b) {
		t.Errorf("a = %+v", a)
	}
	if !strings.Contains(string(a.Entries[0]), `"note"`) {
		t.Errorf("an unknown key was lost: %s", a.Entries[0])
	}
}

func TestSplitForms(t *testing.T) {
	zero := new(int64(0))
	tests := map[string]struct {
		json string
		want api.Split
		bad  string
	}{
		"two":           {`"70/30"`, api.Split{Train: 0.7, Dev: 0.3, Seed: zero}, ""},
		"three":         {`"40/30/30"`, api.Split{Train: 0.4, Dev: 0.3, Test: 0.3, Seed: zero}, ""},
		"object":        {`{"train": 0.5, "seed": 9}`, api.Split{Train: 0.5, Seed: new(int64(9))}, ""},
		"only a seed":   {`{"seed": 9}`, api.Split{Train: 0.4, Dev: 0.3, Test: 0.3, Seed: new(int64(9))}, ""},
		"no seed":       {`{"train": 0.7, "dev": 0.3, "seed": null}`, api.Split{Train: 0.7, Dev: 0.3}, ""},
		"over one":      {`{"train": 0.7, "dev": 0.4}`, api.Split{}, "split"},
		"over hundred":  {`"70/40"`, api.Split{}, "split"},
		"negative":      {`{"train": -0.1}`, api.Split{}, "split.train"},
		"no numbers":    {`"a/b"`, api.Split{}, "split"},
		"one number":    {`"70"`, api.Split{}, "split"},
		"unknown part":  {`{"trian": 1}`, api.Split{}, "split"},
		"seed of words": {`{"seed": "x"}`, api.Split{}, "split.seed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got struct{ Split *api.Split }
			err := json.Unmarshal([]byte(`{"split": `+tt.json+`}`), &got)
			if tt.bad != "" {
				if e := enginetest.As[*api.ParamError](t, err); e.Param != tt.bad {
					t.Errorf("param = %s, want %s", e.Param, tt.bad)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, *got.Split); diff != "" {
				t.Error(diff)
			}
		})
	}
}
