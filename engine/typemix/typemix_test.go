package typemix_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// typesByID are the types in the output by the questions' ids.
func typesByID(w *enginetest.World) map[any]any {
	out := map[any]any{}
	for _, line := range w.Lines("out.jsonl") {
		out[line["id"]] = line["query_type"]
	}
	return out
}

func TestTypeMixIsSteered(t *testing.T) {
	var chunks []map[string]any
	for i := range 200 {
		chunks = append(chunks, map[string]any{"text": fmt.Sprintf("Chapter %d explains gearbox maintenance and torque value %d in detail.", i, 7*i)})
	}
	for _, perChunk := range []int{1, 3} {
		w := enginetest.New(t, enginetest.Setup{Chunks: chunks, TOML: enginetest.TypeMix})
		r := enginetest.GenerateAll(t, w, api.GenerateAllParams{PerChunk: &perChunk, Limit: new(len(chunks) / perChunk)})
		if len(r.Types) != 3 || r.TypeDivergence == nil || *r.TypeDivergence > 0.05 { // the threshold of the field
			t.Fatalf("types %+v, divergence %v", r.Types, r.TypeDivergence)
		}
		written := map[any]int{}
		for _, kind := range typesByID(w) {
			written[kind]++
		}
		for i, want := range []api.TypeShare{{Type: "factual", Wanted: new(.5)}, {Type: "how-to", Wanted: new(.3)}, {Type: "comparison", Wanted: new(.2)}} {
			got := r.Types[i]
			n := float64(r.Done)
			off := 3 * math.Sqrt(*want.Wanted*(1-*want.Wanted)/n) // three standard errors
			if got.Type != want.Type || math.Abs(*got.Wanted-*want.Wanted) > 1e-9 || math.Abs(got.Share-*want.Wanted) > off || got.N != written[want.Type] {
				t.Errorf("%d a chunk: %+v with share %v of %v, %d written", perChunk, got.Type, got.Share, *want.Wanted, written[want.Type])
			}
		}
		for _, chat := range w.LLM.Chats() {
			planned := strings.Contains(chat.Last(), "The query type is planned: «")
			if analyzing := !strings.Contains(chat.Last(), "[[ ## query_type ## ]]\n"); analyzing != planned {
				t.Fatalf("asked without the plan, or the generator with it:\n%s", chat.Last())
			}
		}
	}
}

// An interrupted call's plan is the undisturbed one's, in whatever order chunks
// were finished; and so is that of slices.
func TestTypeMixIsTheSameForEveryCall(t *testing.T) {
	whole := enginetest.New(t, enginetest.Setup{TOML: enginetest.TypeMix})
	all := enginetest.GenerateAll(t, whole, api.GenerateAllParams{PerChunk: new(3), Save: true})
	want := typesByID(whole)
	if d := enginetest.Must(whole.CheckQuestions(t.Context(), api.CheckQuestionsParams{}))(t).Diversity; !cmp.Equal(d["types"], any(all.Types)) || d["type_divergence"] != *all.TypeDivergence {
		t.Errorf("check-questions finds %v, %v; generate-all %v, %v", d["types"], d["type_divergence"], all.Types, *all.TypeDivergence)
	}
	stopped := enginetest.New(t, enginetest.Setup{TOML: enginetest.TypeMix})
	for range 40 {
		p := api.GenerateAllParams{PerChunk: new(3), Output: stopped.Path("out.jsonl"), Budget: &dispatcher.Budget{MaxCalls: 7}}
		if _, err := stopped.GenerateAll(t.Context(), p); err == nil {
			break
		}
	}
	for id, kind := range typesByID(stopped) {
		if want[id] != kind {
			t.Errorf("%v is %v, undisturbed %v", id, kind, want[id])
		}
	}
	r := enginetest.GenerateAll(t, stopped, api.GenerateAllParams{PerChunk: new(3)})
	n := 0
	for _, s := range r.Types {
		n += s.N
	}
	if r.Done != 0 || n != len(want) || n != len(typesByID(stopped)) {
		t.Errorf("%d done again, %d counted, %d written, undisturbed %d", r.Done, n, len(typesByID(stopped)), len(want))
	}
}
