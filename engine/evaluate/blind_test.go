package evaluate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// The outputs are of entries that no prompt shows, both programs' where they
// differ, in an order that says nothing.
func TestBlindOutputs(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	w.WriteGold(24)
	enginetest.Compile(t, w, api.CompileParams{})
	run := enginetest.ReadRun(t, w)
	train := map[string]bool{}
	for _, e := range run.Entries {
		if e.Split == "train" {
			train[fmt.Sprintf("chapter %d need?", e.Index)] = true
		}
	}
	all := enginetest.Blind(t, w)
	again := enginetest.Blind(t, w)
	if diff := cmp.Diff(all, again); diff != "" {
		t.Errorf("another order: %s", diff)
	}
	for _, o := range all {
		if _, tail, _ := strings.Cut(o.GoldQuestion, " of "); train[tail] {
			t.Errorf("%q is a train entry", o.GoldQuestion)
		}
		if o.Query == "" || len(o.ID) != 64 {
			t.Errorf("output = %+v", o)
		}
	}
	few := enginetest.Must(w.BlindOutputs(t.Context(), api.BlindParams{Count: 6}))(t)
	if len(few) != 6 || len(all) <= 15 {
		t.Errorf("%d of %d outputs", len(few), len(all))
	}
}
