package compile_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/decisions"
	"qgen-sidecar/engine/enginetest"
)

// What a person changed and turned down is told to the teacher, but nothing of
// the chunks that the result is measured with.
func TestReflectiveLearnsFromThePerson(t *testing.T) {
	w := plantedWorld(t, 20)
	p := api.CompileParams{Optimizer: optimizer("reflective"), Split: halves}
	enginetest.Compile(t, w, p) // for the split
	part := map[int]string{}
	for _, e := range enginetest.ReadRun(t, w).Entries {
		part[e.Index] = e.Split
	}
	var gold []struct {
		ChunkText string `json:"chunk_text"`
	}
	if err := json.Unmarshal([]byte(w.Read("gold_dataset.json")), &gold); err != nil {
		t.Fatal(err)
	}
	journal, _, err := decisions.Open(w.Path("gold.journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	add := func(r decisions.Record) {
		t.Helper()
		r.ChunkHash = decisions.HashOf(r.ChunkText)
		if _, err := journal.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	for i, g := range gold {
		add(decisions.Record{Op: decisions.Take, How: decisions.Edited, Picked: 1, ChunkText: g.ChunkText,
			Question: fmt.Sprintf("edited-%s-%d?", part[i], i), Shown: []decisions.Suggestion{{Question: fmt.Sprintf("shown-%d?", i)}}})
	}
	add(decisions.Record{Op: decisions.Skip, Why: "boring", ChunkText: "not in the gold set", Shown: []decisions.Suggestion{{Question: "passed over?"}}})
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	for i, g := range gold {
		score := api.PersonScore{BlindOutput: api.BlindOutput{ID: fmt.Sprint(i), ChunkText: g.ChunkText, Query: "scored-" + part[i] + "?"}, Score: 2, Lacks: []string{"clarity"}}
		if err := w.AddScore(t.Context(), score); err != nil {
			t.Fatal(err)
		}
	}
	before := len(w.LLM.Chats())
	p.Call.Fresh = true
	enginetest.Compile(t, w, p)
	told := 0
	for _, r := range w.LLM.Chats()[before:] {
		if !strings.Contains(r.Last(), "current_instruction") {
			continue
		}
		told++
		for _, want := range []string{"edited-train-", "turned down (boring): passed over?", "scored 2 of 5, lacks clarity: scored-train?"} {
			if !strings.Contains(r.Last(), want) {
				t.Fatalf("the teacher is not told %q:\n%s", want, r.Last())
			}
		}
		if strings.Contains(r.Last(), "edited-dev-") || strings.Contains(r.Last(), "scored-dev") {
			t.Fatalf("the teacher is told of dev:\n%s", r.Last())
		}
	}
	if told == 0 {
		t.Error("the teacher was not asked")
	}
}
