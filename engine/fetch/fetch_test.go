package fetch_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/qdrantlock"
)

func idsOf(r *api.FetchResult) []any {
	var ids []any
	for _, c := range r.Chunks {
		ids = append(ids, c["chunk_id"])
	}
	return ids
}

func TestFetchIsSeededAndWithoutReplacement(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	all := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Seed: new(int64(7))}))(t)
	if all.Total != 8 || all.Count != 8 || all.Seed != 7 || all.WithoutText != 0 {
		t.Errorf("result = %+v", all)
	}
	seen := map[any]bool{}
	for _, id := range idsOf(all) {
		seen[id] = true
	}
	if len(seen) != 8 {
		t.Errorf("ids = %v, want eight different ones", idsOf(all))
	}
	some := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Seed: new(int64(7)), Count: new(3)}))(t)
	if diff := cmp.Diff(idsOf(all)[:3], idsOf(some)); diff != "" {
		t.Errorf("a smaller sample is not the beginning of the larger: %s", diff)
	}
	other := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Seed: new(int64(8))}))(t)
	if cmp.Equal(idsOf(all), idsOf(other)) {
		t.Error("another seed gave the same order")
	}
	drawn := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Count: new(5)}))(t)
	again := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Count: new(5), Seed: &drawn.Seed}))(t)
	if drawn.Seed < 0 || drawn.Seed >= 1<<53 || !cmp.Equal(idsOf(drawn), idsOf(again)) {
		t.Errorf("seed %d does not give its sample again", drawn.Seed)
	}
}

func TestFetchReplacesChunksWithoutText(t *testing.T) {
	chunks := enginetest.EightChunks()
	chunks[0] = map[string]any{"title": "no text"}
	chunks[1] = map[string]any{"text": "  \n"}
	chunks[2] = map[string]any{"text": "short"}
	chunks[3] = map[string]any{"text": 5}
	w := enginetest.New(t, enginetest.Setup{Chunks: chunks})
	r := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{MinChars: 10, Seed: new(int64(1))}))(t)
	if r.Total != 8 || r.Count != 4 || r.WithoutText != 4 {
		t.Errorf("result = %+v", r)
	}
}

func TestFetchOfNothingHasChunksAllTheSame(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	raw, err := json.Marshal(enginetest.Must(w.Fetch(t.Context(), api.FetchParams{MinChars: 10_000}))(t))
	if err != nil || !strings.Contains(string(raw), `"chunks":[]`) {
		t.Errorf("%s %v", raw, err)
	}
}

func TestFetchWritesLines(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{StoreKeys: `context_fields = ["title", "nested.page", "absent"]`})
	r := enginetest.Must(w.Fetch(t.Context(), api.FetchParams{Seed: new(int64(3)), Count: new(2), Fields: []string{"nested.page", "absent"}, Output: w.Path("out.jsonl"),
		Filter: json.RawMessage(`{"must": [{"key": "nested.page", "range": {"gte": 3}}]}`)}))(t)
	if r.Total != 6 || r.Chunks != nil || *r.Output != w.Path("out.jsonl") {
		t.Errorf("result = %+v", r)
	}
	lines := w.Lines("out.jsonl")
	if len(lines) != 2 {
		t.Fatalf("lines = %v", lines)
	}
	line := lines[0]
	if !strings.HasPrefix(line["chunk_text"].(string), "title: Handbook\npage: ") || line["nested.page"] != line["chunk_id"] || line["absent"] != nil {
		t.Errorf("line = %v", line)
	}
	if !strings.HasPrefix(w.Read("out.jsonl"), `{"chunk_id":`) {
		t.Error("chunk_id is not the first key")
	}
}

func TestFetchFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	for name, p := range map[string]api.FetchParams{
		"count": {Count: new(0)}, "min_chars": {MinChars: -1}, "fields": {Fields: []string{"chunk_id"}},
		"filter": {Filter: json.RawMessage(`{"most": []}`)},
	} {
		_, err := w.Fetch(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != name {
			t.Errorf("param = %s, want %s", e.Param, name)
		}
	}
	_, err := w.Fetch(t.Context(), api.FetchParams{Collection: "nope"})
	if e := enginetest.As[*qdrantlock.StoreError](t, err); e.Collection != "nope" || !strings.Contains(e.Reason, "there are: chunks") {
		t.Errorf("err = %v", e)
	}
	_, err = enginetest.New(t, enginetest.Setup{NoStore: true}).Fetch(t.Context(), api.FetchParams{})
	enginetest.As[*qdrantlock.StoreError](t, err)
}

func TestFetchReportsProgressToTheEnd(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	var last api.Progress
	enginetest.Must(w.Fetch(api.WithProgress(t.Context(), func(p api.Progress) { last = p }), api.FetchParams{Count: new(5)}))(t)
	if last.Stage != "sample" || last.Done != 5 || last.Total != 5 {
		t.Errorf("last = %+v", last)
	}
}
