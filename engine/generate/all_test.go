package generate_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/dispatcher"
	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
	"qgen-sidecar/internal/llmtest"
)

func TestGenerateAll(t *testing.T) {
	chunks := enginetest.EightChunks()
	chunks[7] = map[string]any{"title": "no text"}
	w := enginetest.New(t, enginetest.Setup{Chunks: chunks})
	plan := enginetest.Must(w.GenerateAll(t.Context(), api.GenerateAllParams{DryRun: true}))(t).(*api.DryRunResult)
	if plan.Calls.AtLeast != 14 || w.LLM.Count() != 0 {
		t.Errorf("plan = %+v after %d requests", plan, w.LLM.Count())
	}
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true})
	if r.Done != 7 || r.Skipped != 1 || r.Written != 7 || r.Failed != 0 || r.Rejected != 0 {
		t.Errorf("result = %+v", r)
	}
	ids := map[any]bool{}
	for _, line := range w.Lines("out.jsonl") {
		ids[line["chunk_id"]] = true
		if line["query"] == "" || line["point_id"] == nil || line["chunk_text"] == "" || line["program_hash"] != r.ProgramHash {
			t.Errorf("line = %v", line)
		}
	}
	if len(ids) != 7 {
		t.Errorf("chunks in the output: %v", ids)
	}
	again := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true})
	if again.Done != 0 || again.Skipped != 8 || again.Usage.Calls+again.Usage.Cached != 0 || len(w.Lines("out.jsonl")) != 7 {
		t.Errorf("again = %+v", again)
	}
	anew := enginetest.GenerateAll(t, w, api.GenerateAllParams{Resume: new(false)})
	if anew.Done != 7 || len(w.Lines("out.jsonl")) != 7 || anew.Usage.Calls != 0 {
		t.Errorf("anew = %+v", anew)
	}
	if n := len(w.InStore("questions")); n != 7 {
		t.Errorf("%d questions are saved, want 7", n)
	}
}

func TestGenerateAllAsksForSeveral(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{PerChunk: new(3), Limit: new(2)})
	if r.Done+r.Rejected != 6 {
		t.Errorf("result = %+v", r)
	}
	seen := map[any]bool{}
	for _, line := range w.Lines("out.jsonl") {
		if seen[line["query"]] {
			t.Errorf("twice: %v", line["query"])
		}
		seen[line["query"]] = true
	}
}

func TestGenerateAllCountsWhatFailed(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	w.LLM.Fault(func(_ int, r llmtest.Request) *llmtest.Fault {
		if strings.Contains(r.Last(), "elevator") {
			return llmtest.HTTP(400)
		}
		return nil
	})
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{})
	if r.Done != 7 || r.Failed != 1 || len(r.Failures) != 1 || r.Failures[0].ChunkID != uint64(4) {
		t.Errorf("result = %+v", r)
	}
	w.LLM.Fault(nil)
	if r := enginetest.GenerateAll(t, w, api.GenerateAllParams{}); r.Done != 1 || r.Skipped != 7 {
		t.Errorf("again = %+v", r)
	}
}

func TestGenerateAllSaysHowItGoes(t *testing.T) {
	var chunks []map[string]any
	for i := range 30 {
		chunks = append(chunks, map[string]any{"text": fmt.Sprintf("Chapter %d explains torque value %d in some detail.", i, 7*i)})
	}
	w := enginetest.New(t, enginetest.Setup{EndpointKeys: enginetest.Priced, Chunks: chunks})
	w.LLM.Fault(func(_ int, r llmtest.Request) *llmtest.Fault {
		if strings.Contains(r.Last(), "Chapter 3 ") {
			return llmtest.HTTP(400)
		}
		return nil
	})
	var mu sync.Mutex
	var said []string
	watched := api.WithProgress(t.Context(), func(p api.Progress) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, p.Message)
	})
	enginetest.Must(w.GenerateAll(watched, api.GenerateAllParams{Output: w.Path("out.jsonl")}))(t)
	whole := regexp.MustCompile(`^[0-9.e+]+ a second; 0 rejected, 1 failed; \$[0-9.]+; about \d+ s left$`)
	if !slices.ContainsFunc(said, whole.MatchString) {
		t.Errorf("none says all of it:\n%s", strings.Join(said, "\n"))
	}
}

func TestGenerateAllStopsAtItsBudgetAndWhenCancelled(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	_, err := w.GenerateAll(t.Context(), api.GenerateAllParams{Output: w.Path("out.jsonl"), Budget: &dispatcher.Budget{MaxCalls: 6}})
	if e := enginetest.As[*api.BudgetError](t, err); e.PartialOutput != w.Path("out.jsonl") || w.LLM.Count() > 6 {
		t.Errorf("err = %+v after %d requests", e, w.LLM.Count())
	}
	before := w.LLM.Count()
	cancelled, cancel := context.WithCancel(t.Context())
	var n atomic.Int64
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault {
		if n.Add(1) == 4 {
			cancel()
		}
		return nil
	})
	_, err = w.GenerateAll(cancelled, api.GenerateAllParams{Output: w.Path("out.jsonl")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	w.LLM.Fault(nil)
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{})
	if r.Done+r.Skipped != 8 || len(w.Lines("out.jsonl")) != 8 || w.LLM.Count() > before+32 {
		t.Errorf("result = %+v", r)
	}
}

func TestGenerateAllRejects(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.Script(w, "What does this passage say?")
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Gates: []string{"standalone"}})
	if r.Rejected != 8 || r.Done != 0 || r.Written != 0 {
		t.Errorf("result = %+v", r)
	}
	if want := []api.GateCount{{Gate: "standalone", Asked: 16, Refused: 16, Usage: api.Usage{USD: new(float64)}}}; !cmp.Equal(r.Gates, want) {
		t.Errorf("gates: found %+v, expected each question asked again once", r.Gates)
	}
	if again := enginetest.GenerateAll(t, w, api.GenerateAllParams{Gates: []string{"standalone"}}); again.Skipped != 8 {
		t.Errorf("again = %+v", again)
	}
	if other := enginetest.GenerateAll(t, w, api.GenerateAllParams{}); other.Done != 8 {
		t.Errorf("without the gate = %+v", other)
	}
}

func TestGenerateAllFaults(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	for param, p := range map[string]api.GenerateAllParams{
		"output":    {},
		"limit":     {Output: "x", Limit: new(0)},
		"per_chunk": {Output: "x", PerChunk: new(0)},
		"slice":     {Output: "x", Slice: &api.Slice{Index: 2, Total: 2}},
		"gates":     {Output: "x", Gates: []string{"nice"}},
	} {
		_, err := w.GenerateAll(t.Context(), p)
		if e := enginetest.As[*api.ParamError](t, err); e.Param != param {
			t.Errorf("param = %s, want %s", e.Param, param)
		}
	}
	w.LLM.Fault(func(int, llmtest.Request) *llmtest.Fault { return llmtest.HTTP(401) })
	_, err := w.GenerateAll(t.Context(), api.GenerateAllParams{Output: w.Path("out.jsonl")})
	enginetest.As[*dispatcher.NoEndpointError](t, err)
}
