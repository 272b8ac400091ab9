package engine_test

import (
	"testing"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

// Each question of a job has its own cost, and together they are the job's.
func TestEveryQuestionHasItsOwnCost(t *testing.T) {
	w := enginetest.New(t, enginetest.Setup{EndpointKeys: enginetest.Priced})
	r := enginetest.GenerateAll(t, w, api.GenerateAllParams{Save: true, Gates: []string{"duplicate"}})
	calls, usd := int64(0), 0.0
	for _, p := range w.InStore("questions") {
		from := p.GetPayload()["provenance"].GetStructValue().GetFields()
		if n := from["calls"].GetIntegerValue(); n < 2 || n > 8 {
			t.Errorf("%d calls", n)
		}
		calls += from["calls"].GetIntegerValue()
		usd += from["usd"].GetDoubleValue()
	}
	if r.Rejected != 0 || calls != int64(r.Usage.Calls) || usd < *r.Usage.USD*.999 || usd > *r.Usage.USD*1.001 {
		t.Errorf("%d calls and $%v by question, %d and $%v in all", calls, usd, r.Usage.Calls, *r.Usage.USD)
	}
}
