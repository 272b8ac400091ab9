package enginetest

import (
	"encoding/json"
	"fmt"
)

// WriteGold writes a gold set of n entries, each of a chunk of its own.
func (w *World) WriteGold(n int) {
	w.T.Helper()
	var entries []map[string]any
	for i := range n {
		entries = append(entries, map[string]any{
			"chunk_text":          fmt.Sprintf("Chapter %d of the manual covers gearbox maintenance, lubrication intervals and torque value %d.", i, 10*i),
			"persona_description": "a careful mechanic", "gold_question": fmt.Sprintf("Which torque value does the gearbox of chapter %d need?", i), "note": i})
	}
	raw, err := json.Marshal(entries)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Write("gold_dataset.json", string(raw))
}

// WriteGoldQuestions writes these questions as the gold set, each of a chunk of its own.
func (w *World) WriteGoldQuestions(questions ...string) {
	w.T.Helper()
	var entries []map[string]any
	for i, q := range questions {
		entries = append(entries, map[string]any{"chunk_text": fmt.Sprint("chunk ", i), "persona_description": "p", "gold_question": q})
	}
	raw, err := json.Marshal(entries)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Write("gold_dataset.json", string(raw))
}
