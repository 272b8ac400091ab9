package gate_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/enginetest"
)

func TestAnswerableHoldsTheQuoteToTheChunk(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{NoStore: true})
	enginetest.Script(w, "What is explained?")
	p := enginetest.AboutChunk(3) // its text has no balcony railings
	p.Gates = []string{"answerable"}
	if r := enginetest.Must(w.Generate(t.Context(), p))(t); !strings.Contains(r.RejectedReason, "does not stand in the chunk") {
		t.Errorf("result = %+v", r)
	}
}
