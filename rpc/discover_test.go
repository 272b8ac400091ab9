package rpc_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"qgen-sidecar/rpc"
)

var update = flag.Bool("update", false, "write the golden files")

// docs/reference.md is what the Go types say.
func TestReference(t *testing.T) {
	const path = "../docs/reference.md"
	want := rpc.Reference()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("docs/reference.md is stale (%v); run go generate ./rpc", err)
	}
}

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
	if doc.OpenRPC == "" || len(doc.Methods) != len(rpc.Methods()) {
		t.Fatalf("openrpc %q, %d methods, want %d", doc.OpenRPC, len(doc.Methods), len(rpc.Methods()))
	}
	for i, m := range rpc.Methods() {
		got := doc.Methods[i]
		fields := rpc.Fields(m.Params)
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
