package gold_test

import (
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

func TestRewording(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.Write("gold_dataset.json", `[{"chunk_text": "c", "reviewer": "ann", "persona_description": "p", "gold_question": "Old?"}]`)
	where := api.GoldRemoveParams{ChunkText: "c", GoldQuestion: "Old?"}
	if err := w.GoldReword(t.Context(), where, "New?"); err != nil {
		t.Fatal(err)
	}
	if got := w.Read("gold_dataset.json"); !strings.Contains(got, `"New?"`) || !strings.Contains(got, `"reviewer": "ann"`) || strings.Contains(got, "Old?") {
		t.Error(got)
	}
	enginetest.As[*api.FileError](t, w.GoldReword(t.Context(), where, "Newer?"))
	enginetest.As[*api.ParamError](t, w.GoldReword(t.Context(), where, " "))
}
