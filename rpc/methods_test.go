package rpc_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/api"
)

// Every method of api's table is served, with the parameters that the table tells.
func TestEveryMethodIsServed(t *testing.T) {
	h := ready(t, &fake{}, `{}`)
	for _, m := range api.Methods() {
		if m.Name == "initialize" || m.Name == "shutdown" {
			continue
		}
		h.call("1", m.Name, `{"no such parameter":1}`)
		r := h.recv()
		var names []string
		for _, f := range api.Fields(m.Params) {
			names = append(names, f.Name)
		}
		want := "expected one of " + strings.Join(names, ", ") + ", found"
		if len(names) == 0 {
			want = "expected no parameters"
		}
		if r.code() != -32602 || !strings.Contains(r.Error.Message, want) {
			t.Errorf("%s: %+v, want %s", m.Name, r.Error, want)
		}
	}
}
