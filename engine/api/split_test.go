package api_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/engine/enginetest"
)

func TestSplitForms(t *testing.T) {
	zero := new(int64(0))
	tests := map[string]struct {
		json string
		want api.Split
		bad  string
	}{
		"two":           {`"70/30"`, api.Split{Train: 0.7, Dev: 0.3, Seed: zero}, ""},
		"three":         {`"40/30/30"`, api.Split{Train: 0.4, Dev: 0.3, Test: 0.3, Seed: zero}, ""},
		"object":        {`{"train": 0.5, "seed": 9}`, api.Split{Train: 0.5, Seed: new(int64(9))}, ""},
		"only a seed":   {`{"seed": 9}`, api.Split{Train: 0.4, Dev: 0.3, Test: 0.3, Seed: new(int64(9))}, ""},
		"no seed":       {`{"train": 0.7, "dev": 0.3, "seed": null}`, api.Split{Train: 0.7, Dev: 0.3}, ""},
		"over one":      {`{"train": 0.7, "dev": 0.4}`, api.Split{}, "split"},
		"over hundred":  {`"70/40"`, api.Split{}, "split"},
		"negative":      {`{"train": -0.1}`, api.Split{}, "split.train"},
		"no numbers":    {`"a/b"`, api.Split{}, "split"},
		"one number":    {`"70"`, api.Split{}, "split"},
		"unknown part":  {`{"trian": 1}`, api.Split{}, "split"},
		"seed of words": {`{"seed": "x"}`, api.Split{}, "split.seed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got struct{ Split *api.Split }
			err := json.Unmarshal([]byte(`{"split": `+tt.json+`}`), &got)
			if tt.bad != "" {
				if e := enginetest.As[*api.ParamError](t, err); e.Param != tt.bad {
					t.Errorf("param = %s, want %s", e.Param, tt.bad)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, *got.Split); diff != "" {
				t.Error(diff)
			}
		})
	}
}
