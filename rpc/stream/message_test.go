package stream

import (
	"testing"

	"qgen-sidecar/internal/jsonscan"
)

// Any message is understood or refused with a reason.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{`{"jsonrpc":"2.0","id":1e9999,"method":"x"}`, `{"id":"\ud800","result":null}`, `5`, `{"jsonrpc":"2.0","method":5}`, `{"jsonrpc":"2.0","id":1.50,"method":"a","params":[]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if jsonscan.Scan(raw) != nil {
			return
		}
		m := parseMessage(raw)
		if m.id != nil && idKey(m.id) == "" {
			t.Errorf("%s: id %s is kept and is none", raw, m.id)
		}
		if m.fault == "" && !m.answer && m.params != nil && m.params[0] != '{' && m.params[0] != '[' {
			t.Errorf("%s: params %s", raw, m.params)
		}
	})
}
