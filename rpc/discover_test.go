package rpc_test

import (
	"encoding/json"
	"flag"
	"testing"

	"qgen-sidecar/engine/api"
)

var update = flag.Bool("update", false, "write the golden files")

// rpc.discover names every method with its parameters.
func TestDiscover(t *testing.T) {
	h := ready(t, &fake{}, `{}`)
	h.call("1", "rpc.discover", `{}`)
	var doc struct {
		OpenRPC string
		Methods []struct {
			Name   string
			Params []struct {
				Name     string
				Required bool
				Schema   map[string]any
			}
			Result struct{ Schema map[string]any }
		}
	}
	if err := json.Unmarshal(h.recv().Result, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenRPC == "" || len(doc.Methods) != len(api.Methods()) {
		t.Fatalf("openrpc %q, %d methods, want %d", doc.OpenRPC, len(doc.Methods), len(api.Methods()))
	}
	for i, m := range api.Methods() {
		got := doc.Methods[i]
		fields := api.Fields(m.Params)
		if got.Name != m.Name || len(got.Params) != len(fields) {
			t.Errorf("%s: %s with %d parameters, want %d", m.Name, got.Name, len(got.Params), len(fields))
			continue
		}
		for j, f := range fields {
			if got.Params[j].Name != f.Name || got.Params[j].Required != f.Required || got.Params[j].Schema == nil {
				t.Errorf("%s: parameter %+v, want %s", m.Name, got.Params[j], f.Name)
			}
		}
	}
}
