package gate_test

import (
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// Chunks that are asked at the same time find each other's questions too, and only
// those that came to be saved count.
func TestNearDuplicatesAreSavedOnce(t *testing.T) {
	for round := range 5 {
		w := enginetest.New(t, enginetest.Setup{})
		enginetest.Script(w, "How high must balcony railings be?") // of each of eight chunks
		r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true, Gates: []string{"duplicate"}})
		if r.Done != 1 || r.Rejected != 7 || len(w.InStore("questions")) != 1 {
			t.Errorf("round %d: %d done, %d rejected, %d saved", round, r.Done, r.Rejected, len(w.InStore("questions")))
		}
	}
	for round := range 5 {
		w := enginetest.New(t, enginetest.Setup{})
		enginetest.Script(w, "How high must balcony railings be?")
		// Seven of them are refused by a later gate: the quote stands in one chunk.
		r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true, Gates: []string{"duplicate", "answerable"}})
		if r.Done != 1 || r.Rejected != 7 {
			t.Errorf("round %d: %d done, %d rejected", round, r.Done, r.Rejected)
		}
		for _, p := range w.InStore("questions") {
			if id := p.GetPayload()["chunk_id"].GetIntegerValue(); id != 2 {
				t.Errorf("the question of chunk %d is saved", id)
			}
		}
	}
}
