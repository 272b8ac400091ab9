package api_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestMetricForms(t *testing.T) {
	for in, want := range map[string]api.Metric{
		`"judge"`:                            {Name: "judge"},
		`"host"`:                             {Name: "host"},
		`{"judge": true, "gates": ["leak"]}`: {Name: "judge", Gates: []string{"leak"}},
		`{"judge": "host", "gates": ["language"]}`: {Name: "host", Gates: []string{"language"}},
		`{"gates": []}`: {Name: "judge", Gates: []string{}},
	} {
		var got api.Metric
		if err := json.Unmarshal([]byte(in), &got); err != nil || !cmp.Equal(want, got) {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{`"bleu"`, `3`, `{"judge": false}`, `{"gate": []}`} {
		var got api.Metric
		enginetest.As[*api.ParamError](t, json.Unmarshal([]byte(in), &got))
	}
}
