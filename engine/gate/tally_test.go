package gate_test

import (
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestGatesArePricedApart(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{})
	enginetest.Script(w, "What is explained?")
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Gates: []string{"answerable", "standalone"}})
	if len(r.Gates) != 2 || r.Gates[0].Gate != "standalone" || r.Gates[1].Gate != "answerable" {
		t.Fatalf("gates: found %+v", r.Gates)
	}
	free, paid := r.Gates[0], r.Gates[1]
	if free.Usage.Calls != 0 || paid.Usage.Calls == 0 || paid.Usage.Calls >= r.Usage.Calls || paid.Asked != free.Asked-free.Refused {
		t.Errorf("found %+v of %+v", r.Gates, r.Usage)
	}
}
