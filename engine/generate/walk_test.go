package generate_test

import (
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestSlicesAreDisjointAndWhole(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	done := 0
	for i := range 3 {
		done += enginetest.GenerateAll(t, w, api.GenerateAllParams{Slice: &api.Slice{Index: i, Total: 3}}).Done
	}
	if done != 8 || len(w.Lines("out.jsonl")) != 8 {
		t.Errorf("%d done", done)
	}
}
